"""Which field of a layer holds the code, the name, the level and the parent: told by the person, or guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import pandas as pd

from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.levels import CODE_LENGTHS

_ANY_CODE: Final = (
    *("code", "cell_code", "编码", "代码", "编号", "标识码", "bm", "dm", "bh"),
    *("网格编码", "网格代码", "网格编号", "单元编码", "单元代码", "区划编码", "区划代码", "wgbm", "qhdm"),
)
_ANY_NAME: Final = (
    *("name", "cell_name", "名称", "mc", "名字", "名", "网格名称", "单元网格名称", "单元名称", "区划名称"),
    *("区域名称", "辖区名称", "单位名称", "wgmc", "qhmc"),
    *("网格名", "单元网", "单元名", "区划名", "区域名", "辖区名", "单位名"),  # ten bytes of UTF-8 in a Shapefile
)
_LEVEL: Final = ("level", "层级", "级别", "等级")
_ANY_PARENT: Final = ("parent_code", "parent", "上级编码", "上级代码", "上级", "父编码", "pcode", "sjbm", "sjdm")
_OWN_CODE: Final[dict[str, tuple[str, ...]]] = {
    "street": ("街道编码", "街道代码", "street_code", "jdbm", "jddm"),
    "community": ("社区编码", "社区代码", "community_code", "sqbm", "sqdm"),
    "substation": (
        *("网格编码", "网格代码", "网格编号", "单元网格编码", "工作分站编码", "分站编码", "分站代码"),
        *("substation_code", "grid_code", "gridcode", "wgbm", "wgdm", "bgcode"),
    ),
}
_OWN_NAME: Final[dict[str, tuple[str, ...]]] = {
    "street": ("街道名称", "街道", "street_name", "jdmc"),
    "community": ("社区名称", "社区", "community_name", "sqmc"),
    "substation": ("网格名称", "工作分站名称", "分站名称", "工作分站", "分站", "substation_name", "grid_name", "wgmc"),
}
_PARENT_NAME: Final = ("parent_name", "上级名称")
_ABOVE: Final = {"community": "street", "substation": "community"}
_PARENT: Final[dict[str, tuple[str, ...]]] = {
    "street": (),
    "community": ("所属街道", *_OWN_CODE["street"], *_OWN_NAME["street"]),
    "substation": ("所属社区", *_OWN_CODE["community"], *_OWN_NAME["community"]),
}


@dataclass(frozen=True)
class Fields:
    """Names of fields; None where there is none."""

    code: str | None = None
    name: str | None = None
    level: str | None = None
    parent: str | None = None
    parent_name: str | None = None


def find_fields(frame: pd.DataFrame, level: str | None, wished: Fields, label: str) -> Fields:
    """Return the fields of a layer whose level is `level` (None: rows of several levels).

    A wish comes first; then the names usual for that level; for the code at last the only field that holds nothing but
    official codes. Raises Unusable when a wished field is not there.
    """
    columns = field_names(frame)
    wished, missing = present(columns, wished)
    if missing:
        raise Unusable(no_fields(missing, columns, label))
    levels = [level] if level else list(_OWN_CODE)
    code = wished.code or _pick(columns, [*_flat(_OWN_CODE, levels), *_ANY_CODE]) or _code_by_values(frame, columns)
    name = wished.name or _pick(columns, [*_flat(_OWN_NAME, levels), *_ANY_NAME], but=(code,))
    parents = [*_ANY_PARENT, *(_PARENT[level] if level else ())]
    parent = wished.parent or _pick(columns, parents, but=(code, name))
    upper = _OWN_NAME[_ABOVE[level]] if level in _ABOVE else ()
    parent_name = _pick(columns, [*_PARENT_NAME, *upper], but=(code, name))
    return Fields(code, name, find_level_field(frame, wished), parent, parent_name)


def find_level_field(frame: pd.DataFrame, wished: Fields) -> str | None:
    """Return the field that says the level of each row, wished or guessed."""
    columns = field_names(frame)
    return present(columns, wished)[0].level or _pick(columns, _LEVEL)


def field_names(frame: pd.DataFrame) -> list[str]:
    """Return the names of a layer's fields, the geometry left out."""
    return [str(column) for column in frame.columns if column != "geometry"]


def present(columns: Sequence[str], wished: Fields) -> tuple[Fields, list[str]]:
    """Return the wishes as the fields are really called, None for those that are not there, and the latter.

    A name in other capitals is the same name, unless a field is called exactly so.
    """
    real: dict[str, str | None] = {}
    missing = []
    for wish in fields(wished):
        name = getattr(wished, wish.name)
        real[wish.name] = (
            None if name is None else name if name in columns else _pick(columns, [name.strip().casefold()])
        )
        if name is not None and real[wish.name] is None:
            missing.append(name)
    return Fields(**real), missing


def no_fields(missing: Sequence[str], columns: Sequence[str], label: str) -> Fault:
    """Return the fault that fields a person has named are not there."""
    return Fault(
        "field",
        f"没有字段 {', '.join(missing)}(有:{', '.join(columns) or '无'})",
        f"there is no field {', '.join(missing)} (there are: {', '.join(columns) or 'none'})",
        "改正 --code-field、--name-field、--level-field 或 --parent-field",
        "correct --code-field, --name-field, --level-field or --parent-field",
        file=label,
    )


def tidied(code: str) -> str:
    """Return a code without white space and without the ".0" of a number that was written as text."""
    plain = "".join(code.split())
    return plain[:-2] if plain.endswith(".0") and plain[:-2].isdecimal() else plain


def words(frame: pd.DataFrame, column: str | None) -> list[str]:
    """Return a field's values as trimmed text; "" where there is none. 440307009.0 is 440307009."""
    if column is None:
        return [""] * len(frame)
    return [_word(value) for value in frame[column].tolist()]


def _word(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124 - NaN is what does not equal itself
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip().strip("\0").strip()


def _pick(columns: Sequence[str], candidates: Sequence[str], but: Sequence[str | None] = ()) -> str | None:
    folded = {column.strip().casefold(): column for column in columns if column not in but}
    return next((folded[name] for name in candidates if name in folded), None)


def _flat(table: dict[str, tuple[str, ...]], levels: Sequence[str]) -> list[str]:
    return [name for level in levels for name in table[level]]


def _code_by_values(frame: pd.DataFrame, columns: Sequence[str]) -> str | None:
    lengths = set(CODE_LENGTHS.values())
    found = []
    for column in columns:
        values = [tidied(word) for word in words(frame, column)]
        if values and all(value.isascii() and value.isdigit() and len(value) in lengths for value in values):
            found.append(column)
    return found[0] if len(found) == 1 else None
