"""Counts and codes: what can be judged without looking at the shapes."""

from collections.abc import Mapping
from typing import Final

import geopandas
import pandas as pd

from gisgrid.grid.layers.faults import LEVEL_NAMES, Fault, code_of, title_of
from gisgrid.grid.layers.levels import CODE_LENGTHS
from gisgrid.grid.layers.pieces import area_of
from gisgrid.grid.tables import LEVELS

LONGEST_CODE: Final = 64
_ADD_CELLS: Final = (
    "补上或删去;数量确实不同时用 --expect 街道/社区/分站,如 --expect 1/9/22",
    "add or remove cells; if the number is right, say so: --expect 1/9/22",
)
_ADD_LEVEL: Final = (
    "补上该级图层;或用 --derive-parents 由下级合并",
    "add its layer; or dissolve it from the level below with --derive-parents",
)


def count_faults(cells: geopandas.GeoDataFrame, expected: Mapping[str, int]) -> list[Fault]:
    """Return the levels that have too few or too many cells."""
    faults = []
    for level, wanted in expected.items():
        found = int((cells["level"] == level).sum())
        if found != wanted:
            zh, en = LEVEL_NAMES[level]
            more = found - wanted
            faults.append(
                Fault(
                    "count",
                    f"{zh}应有 {wanted} 个,实有 {found} 个," + (f"多 {more} 个" if more > 0 else f"缺 {-more} 个"),
                    f"{wanted} {en} cells are expected, {found} found: "
                    + (f"{more} too many" if more > 0 else f"{-more} missing"),
                    *(_ADD_LEVEL if found == 0 and level != LEVELS[-1] else _ADD_CELLS),
                    file=", ".join(cells.loc[cells["level"] == level, "file"].unique()),
                    level=level,
                    count=f"{found} / {wanted}",
                )
            )
    return faults


def code_faults(cells: geopandas.GeoDataFrame, *, any_code: bool) -> list[Fault]:
    """Return codes that are missing, given twice or ill-formed.

    Well-formed are 9, 12 and 15 digits for street, community and substation; with `any_code`, any text without spaces.
    A code that does not begin with its parent's is a note.
    """
    faults = [_ill_formed(cell, any_code=any_code) for _, cell in cells.iterrows()]
    faults.extend(_foreign(cell) for _, cell in cells.iterrows() if not any_code)
    return [fault for fault in faults if fault is not None] + _twice(cells)


def _ill_formed(cell: pd.Series, *, any_code: bool) -> Fault | None:
    code = cell["code"]
    zh, en = LEVEL_NAMES[cell["level"]]
    if not code:
        return about(
            cell,
            ("没有编码", "it has no code"),
            (
                "填写编码;或用 --code-field 指明编码字段,用 --make-codes 生成",
                "fill it in; or name its field with --code-field, or make codes with --make-codes",
            ),
        )
    if any_code:
        if len(code) <= LONGEST_CODE and code.isprintable() and not any(mark.isspace() for mark in code):
            return None
        return about(
            cell,
            (
                f"编码 {code[:LONGEST_CODE]!r} 含空白或过长",
                f"the code {code[:LONGEST_CODE]!r} has spaces or is too long",
            ),
            ("改正编码", "correct the code"),
        )
    digits = CODE_LENGTHS[cell["level"]]
    if len(code) == digits and code.isascii() and code.isdigit():
        return None
    spoiled = "e+" in code.casefold()
    return about(
        cell,
        (
            f"{zh}编码应为 {digits} 位数字,实为 {code!r}" + ("(被电子表格改成了科学记数)" if spoiled else ""),
            f"the code of a {en} has {digits} digits, this is {code!r}"
            + (" (a spreadsheet has turned it into a number)" if spoiled else ""),
        ),
        ("改正编码;另有编码规则时用 --any-code", "correct it; if your codes follow another rule, use --any-code"),
    )


def _foreign(cell: pd.Series) -> Fault | None:
    code, parent = cell["code"], cell["parent_code"]
    if not code or not parent or code.startswith(parent):
        return None
    return about(
        cell,
        (f"编码与上级 {parent} 不相承", f"its code does not begin with that of its parent, {parent}"),
        ("核对编码与上级", "check the code and the parent"),
        is_note=True,
    )


def _twice(cells: geopandas.GeoDataFrame) -> list[Fault]:
    faults = []
    for code, same in cells[cells["code"] != ""].groupby("code", sort=True):
        if len(same) > 1:
            files = ", ".join(f"{file} #{row}" for file, row in zip(same["file"], same["row"], strict=True))
            faults.append(
                Fault(
                    "code",
                    f"编码 {code} 用了 {len(same)} 次({files})",
                    f"the code {code} is used {len(same)} times ({files})",
                    "编码必须唯一;同一网格的多块应合并为一个多部件面",
                    "codes must be unique; merge the parts of one cell into one multipart polygon",
                    file=str(same["file"].iloc[0]),
                    level=str(same["level"].iloc[0]),
                    codes=(str(code),),
                    geometry=area_of(same.geometry.to_numpy()),
                )
            )
    return faults


def about(cell: pd.Series, what: tuple[str, str], remedy: tuple[str, str], *, is_note: bool = False) -> Fault:
    """Return a fault of kind "code" about one whole cell."""
    middle = cell["geometry"].representative_point()
    return Fault(
        "code",
        f"{title_of(cell)}:{what[0]}",
        f"{title_of(cell)}: {what[1]}",
        *remedy,
        file=cell["file"],
        level=cell["level"],
        codes=(code_of(cell),),
        longitude=float(middle.x),
        latitude=float(middle.y),
        geometry=cell["geometry"],
        is_note=is_note,
    )
