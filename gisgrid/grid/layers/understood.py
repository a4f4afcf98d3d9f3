"""How a layer was understood, so that a person can object, and what is worth saying of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.fields import Fields, no_fields, present
from gisgrid.grid.layers.levels import ACCEPTED

_FEW: Final = 5
_NAME_THE_LEVEL: Final = (
    "写成 street=文件、community=文件 或 substation=文件",
    "write street=FILE, community=FILE or substation=FILE",
)


@dataclass(frozen=True)
class Understood:
    """How one layer was understood; `columns` are the names of its fields."""

    file: str
    rows: int
    driver: str
    encoding: str
    crs: str
    level: str
    level_from: tuple[str, str]
    fields: Fields
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def field_faults(layers: Sequence[Understood], wished: Fields) -> list[Fault]:
    """Return the fields a person has named that are nowhere, and notes: on those another file has, on missing names."""
    absent = [set(present(layer.columns, wished)[1]) for layer in layers]
    nowhere = set.intersection(*absent) if absent else set()
    faults = []
    for layer, missing in zip(layers, absent, strict=True):
        if missing & nowhere:
            faults.append(no_fields(sorted(missing & nowhere), layer.columns, layer.file))
        if missing - nowhere:
            faults.append(_guessed(sorted(missing - nowhere), layer))
        if layer.fields.name is None:
            faults.append(_nameless(layer))
    return faults


def _guessed(missing: Sequence[str], layer: Understood) -> Fault:
    return replace(
        no_fields(missing, layer.columns, layer.file),
        remedy_zh="此文件按惯用的字段名识别,请核对图层表",
        remedy_en="the usual names were taken for this file: see the table of layers",
        is_note=True,
    )


def _nameless(layer: Understood) -> Fault:
    return Fault(
        "field",
        f"没有名称字段,文件中有:{_list(layer.columns)}",
        f"it has no field of names; it has: {_list(layer.columns)}",
        "用 --name-field 指明",
        "name it with --name-field",
        file=layer.file,
        is_note=True,
    )


def unknown_levels(cells: pd.DataFrame, layer: Understood, values: Sequence[str]) -> list[Fault]:
    """Return one fault where the level of some rows is unknown; `values` are those of the level field, if there is one.

    `cells` has a row for each of the layer's, with `level` None where it is unknown.
    """
    is_unknown = cells["level"].isna()
    if not is_unknown.any():
        return []
    rows = cells[is_unknown]
    what, remedy = _why_unknown(rows, layer, [value for value, bad in zip(values, is_unknown, strict=True) if bad])
    return [
        Fault(
            "level",
            f"{len(rows)} 行不知道属于哪一级:{what[0]}",
            f"{len(rows)} rows are of no known level: {what[1]}",
            *remedy,
            file=layer.file,
            codes=tuple(code or f"#{row}" for code, row in zip(rows["code"], rows["row"], strict=True)),
        )
    ]


def _why_unknown(
    rows: pd.DataFrame, layer: Understood, values: Sequence[str]
) -> tuple[tuple[str, str], tuple[str, str]]:
    name_zh, name_en = _NAME_THE_LEVEL
    field = layer.fields.level
    if field is not None:
        seen = _few(values)
        return (
            f"字段 {field} 的值为 {seen};可用的值:{ACCEPTED}",
            f"the field {field} has {seen}; it may have: {ACCEPTED}",
        ), (
            f"改正字段的值;或用 --level-field 指明另一字段;或{name_zh}",
            f"correct the values; or name another field with --level-field; or {name_en}",
        )
    has = _list(layer.columns)
    remedy = (
        f"{name_zh};或用 --level-field 指明层级字段,用 --code-field 指明编码字段",
        f"{name_en}; or name the field of the level with --level-field, that of the code with --code-field",
    )
    if layer.fields.code is None:
        return (
            f"没有找到编码字段或层级字段,文件中有:{has}",
            f"no field of codes or levels was found; it has: {has}",
        ), remedy
    seen = _few(rows["code"].tolist())
    return (
        f"没有层级字段,编码字段 {layer.fields.code} 的值 {seen} 不是 9、12 或 15 位数字;文件中有:{has}",
        f"there is no field of levels, and the codes in {layer.fields.code} ({seen}) have not 9, 12 or 15 digits; "
        f"it has: {has}",
    ), remedy


def _few(values: Sequence[str]) -> str:
    seen = list(dict.fromkeys(values))
    return ", ".join(map(repr, seen[:_FEW])) + (" …" if len(seen) > _FEW else "")


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "-"
