"""Which field of a layer holds the code, the name, the level and the parent: told by the person, or guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import pandas as pd

from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.levels import CODE_LENGTHS

_ANY_CODE: Final = ("code", "cell_code", "编码", "代码", "编号", "标识码", "bm", "dm", "bh")
_ANY_NAME: Final = ("name", "cell_name", "名称", "mc", "名字")
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
    columns = [str(column) for column in frame.columns if column != "geometry"]
    _require(columns, wished, label)
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
    return wished.level or _pick([str(column) for column in frame.columns], _LEVEL)


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
        values = words(frame, column)
        if values and all(value.isascii() and value.isdigit() and len(value) in lengths for value in values):
            found.append(column)
    return found[0] if len(found) == 1 else None


def _require(columns: Sequence[str], wished: Fields, label: str) -> None:
    missing = [getattr(wished, field.name) for field in fields(wished)]
    missing = [name for name in missing if name is not None and name not in columns]
    if missing:
        raise Unusable(
            Fault(
                "field",
                f"没有字段 {', '.join(missing)}(有:{', '.join(columns) or '无'})",
                f"there is no field {', '.join(missing)} (there are: {', '.join(columns) or 'none'})",
                "改正 --code-field、--name-field、--level-field 或 --parent-field",
                "correct --code-field, --name-field, --level-field or --parent-field",
                file=label,
            )
        )
