"""Counts and codes: what can be judged without looking at the shapes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import geopandas
import pandas as pd

from gisgrid.grid.layers.faults import LEVEL_NAMES, Fault, code_of, title_of
from gisgrid.grid.layers.levels import CODE_LENGTHS
from gisgrid.grid.layers.pieces import area_of
from gisgrid.grid.tables import LEVELS

LONGEST_CODE: Final = 64
_FEW: Final = 3
_ADD_LEVEL: Final = ("补上该级图层", "add its layer")
_ADD_OR_DERIVE: Final = (
    "补上该级图层;或用 --derive-parents 由下级合并",
    "add its layer; or dissolve it from the level below with --derive-parents",
)


@dataclass(frozen=True)
class Background:
    """What is known besides the cells: the fields of each file, levels asked to be derived, levels of unread files."""

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    derived: Collection[str] = ()
    unread: Collection[str] = ()


NOTHING_KNOWN: Final = Background()


def count_faults(
    cells: geopandas.GeoDataFrame, expected: Mapping[str, int], background: Background = NOTHING_KNOWN
) -> list[Fault]:
    """Return the levels that have too few or too many cells; too few are no news where a file could not be read."""
    faults = []
    counts = {level: int((cells["level"] == level).sum()) for level in LEVELS}
    for level, wanted in expected.items():
        found = counts[level]
        if found != wanted and not (found < wanted and level in background.unread):
            zh, en = LEVEL_NAMES[level]
            more = found - wanted
            faults.append(
                Fault(
                    "count",
                    f"{zh}应有 {wanted} 个,实有 {found} 个," + (f"多 {more} 个" if more > 0 else f"缺 {-more} 个"),
                    f"{wanted} {en} cells are expected, {found} found: "
                    + (f"{more} too many" if more > 0 else f"{-more} missing"),
                    *_count_remedy(level, counts, expected, background),
                    file=", ".join(cells.loc[cells["level"] == level, "file"].unique()),
                    level=level,
                    count=f"{found} / {wanted}",
                )
            )
    return faults


def _count_remedy(
    level: str, counts: Mapping[str, int], expected: Mapping[str, int], background: Background
) -> tuple[str, str]:
    if counts[level] == 0:
        below = LEVELS[LEVELS.index(level) + 1 :]
        can_derive = level not in background.derived and any(counts[lower] for lower in below)
        return _ADD_OR_DERIVE if can_derive else _ADD_LEVEL
    right = "/".join(str(counts[each] or expected.get(each, 0)) for each in LEVELS)
    return (
        f"补上或删去;数量确实如此时用 --expect {right}(街道/社区/分站)",
        f"add or remove cells; if the number is right, say so: --expect {right} (street/community/substation)",
    )


def code_faults(
    cells: geopandas.GeoDataFrame, *, any_code: bool, background: Background = NOTHING_KNOWN
) -> list[Fault]:
    """Return codes that are missing, given twice or ill-formed.

    Well-formed are 9, 12 and 15 digits for street, community and substation; with `any_code`, any text without spaces.
    A code that does not begin with its parent's is a note. Where no code of a file is well-formed, that is one fault.
    """
    faults: list[Fault] = []
    for (file, _), same in cells.groupby(["file", "level"], sort=False):
        each = [_ill_formed(cell, any_code=any_code) for _, cell in same.iterrows()]
        bad = [fault for fault in each if fault is not None]
        is_all = len(bad) == len(same) > 1
        faults.extend([_none_well_formed(same, bad, background.columns.get(str(file), ()))] if is_all else bad)
    notes = [_foreign(cell) for _, cell in cells.iterrows() if not any_code]
    return [*faults, *(note for note in notes if note is not None), *_twice(cells)]


def _none_well_formed(same: geopandas.GeoDataFrame, bad: Sequence[Fault], columns: Sequence[str]) -> Fault:
    """Return one fault on all cells of a level in a file; `columns` are the fields of the file, where known."""
    zh, en = LEVEL_NAMES[same["level"].iloc[0]]
    has = (f";文件中有:{', '.join(columns)}", f"; the file has: {', '.join(columns)}") if columns else ("", "")
    seen = ", ".join(repr(code) for code in list(dict.fromkeys(same["code"]))[:_FEW])
    is_missing = not same["code"].any()
    what_zh = "都没有编码" if is_missing else f"的编码都不合要求,如 {seen}。{bad[0].zh}"
    what_en = "no cell has a code" if is_missing else f"no code is well-formed ({seen}). {bad[0].en}"
    return replace(
        bad[0],
        zh=f"{len(same)} 个{zh}{what_zh}{has[0]}",
        en=f"{len(same)} {en} cells: {what_en}{has[1]}",
        remedy_zh=bad[0].remedy_zh if is_missing else f"用 --code-field 指明编码字段;或{bad[0].remedy_zh}",
        remedy_en=bad[0].remedy_en if is_missing else f"name the field with --code-field; or {bad[0].remedy_en}",
        codes=tuple(code_of(cell) for _, cell in same.iterrows()),
        geometry=area_of(same.geometry.to_numpy()),
    )


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
            second = same.geometry.iloc[1].representative_point()
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
                    longitude=float(second.x),
                    latitude=float(second.y),
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
