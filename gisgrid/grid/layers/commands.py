"""`gisgrid load` and `gisgrid check`: layers of cells on the command line."""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import shapely
import typer
from rich.console import Console
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import make_url

from gisgrid.errors import Conflict, Refused
from gisgrid.geometry import crs_name
from gisgrid.grid.layers.check import Rules
from gisgrid.grid.layers.examine import Examined, Wishes, examine
from gisgrid.grid.layers.faults import Fault, only_faults
from gisgrid.grid.layers.fields import Fields
from gisgrid.grid.layers.gather import Reading
from gisgrid.grid.layers.mask import read_mask, store_mask
from gisgrid.grid.layers.show import as_json, console, in_order, say, show, show_faults, show_vanishing
from gisgrid.grid.layers.store import first_day_of, store_cells, vanishing_cells
from gisgrid.grid.relocate import relocate
from gisgrid.grid.tables import LEVELS
from gisgrid.migrations import open_session
from gisgrid.settings import Settings, read_settings

commands = typer.Typer()


class BadExpectation(Refused):
    """`--expect` is not three counts."""


class NoFiles(Refused):
    """No file was named."""


class CellsVanish(Conflict):
    """The new set lacks cells of the old one, and nobody has said that this is meant."""


Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[层级=]文件[#图层]…",
        help="图层文件,可写明层级 / layer files, the level may be named: street=a.geojson substation=b.gpkg#cells",
    ),
]
Encoding = Annotated[str | None, typer.Option(help="文字编码,如 GB18030 / encoding of the text")]
Crs = Annotated[
    str | None,
    typer.Option(help="坐标系,优先于文件声明 / system of the files, whatever they declare: EPSG:4547, gcj02, PROJ…"),
]
CodeField = Annotated[str | None, typer.Option(help="编码字段 / field of the code")]
NameField = Annotated[str | None, typer.Option(help="名称字段 / field of the name")]
LevelField = Annotated[str | None, typer.Option(help="层级字段 / field of the level")]
ParentField = Annotated[str | None, typer.Option(help="上级字段(编码或名称) / field of the parent, its code or name")]
Expect = Annotated[
    str | None, typer.Option(metavar="1/9/22", help="应有数量:街道/社区/分站 / counts: street/community/substation")
]
Tolerance = Annotated[float | None, typer.Option(min=0.0, help="容差(米),更宽的缝隙和重叠是错误 / tolerance in metres")]
AnyCode = Annotated[bool, typer.Option("--any-code", help="编码不限 9/12/15 位数字 / codes need not be 9/12/15 digits")]
Repair = Annotated[bool, typer.Option("--repair", help="接合容差以内的缝隙和重叠 / close what is within the tolerance")]
Derive = Annotated[
    bool, typer.Option("--derive-parents", help="由下级合并出缺少的上级 / dissolve missing levels from the level below")
]
KeepHoles = Annotated[
    bool, typer.Option("--keep-holes", help="合并时保留网格之间的空洞(湖) / holes between cells are lakes, not gaps")
]
MakeCodes = Annotated[bool, typer.Option("--make-codes", help="为没有编码的网格生成编码 / propose codes by the rule")]
StreetCode = Annotated[str | None, typer.Option(help="街道编码(9 位) / code of the street, 9 digits")]
Map = Annotated[Path | None, typer.Option("--map", help="把问题画成地图 / draw the faults on a map: faults.html")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
FirstDay = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="新网格生效的第一天 / first day of the new grid")
]
Name = Annotated[str | None, typer.Option(help="网格版本名称 / name of the layer set")]
Mask = Annotated[list[str] | None, typer.Option(help="应巡范围图层 / layer of the patrollable mask")]
Yes = Annotated[bool, typer.Option("--yes", help="有网格消失也继续 / go on although cells vanish")]


@commands.command("check")
def check_command(
    files: Files = None,
    encoding: Encoding = None,
    crs: Crs = None,
    code_field: CodeField = None,
    name_field: NameField = None,
    level_field: LevelField = None,
    parent_field: ParentField = None,
    expect: Expect = None,
    tolerance: Tolerance = None,
    any_code: AnyCode = False,
    repair: Repair = False,
    derive_parents: Derive = False,
    keep_holes: KeepHoles = False,
    make_codes: MakeCodes = False,
    street_code: StreetCode = None,
    map_file: Map = None,
    as_machine: Json = False,
) -> None:
    """检查网格图层,不入库;有问题时退出码为 1 / check layers, store nothing; exit status 1 if anything is wrong."""
    settings = read_settings()
    reading = reading_of(settings, encoding, crs, Fields(code_field, name_field, level_field, parent_field))
    rules = rules_of(settings, expect, tolerance, any_code)
    wishes = Wishes(repair, derive_parents, keep_holes, make_codes, street_code)
    examined = examine(_required(files), reading, rules, wishes)
    _tell(console(as_machine), examined, map_file, as_machine)


@commands.command("load")
def load_command(
    files: Files = None,
    encoding: Encoding = None,
    crs: Crs = None,
    code_field: CodeField = None,
    name_field: NameField = None,
    level_field: LevelField = None,
    parent_field: ParentField = None,
    expect: Expect = None,
    tolerance: Tolerance = None,
    any_code: AnyCode = False,
    repair: Repair = False,
    derive_parents: Derive = False,
    keep_holes: KeepHoles = False,
    make_codes: MakeCodes = False,
    street_code: StreetCode = None,
    map_file: Map = None,
    as_machine: Json = False,
    first_day: FirstDay = None,
    name: Name = None,
    mask: Mask = None,
    yes: Yes = False,
) -> None:
    """检查并存入网格图层,合格才入库 / check layers and store them; only a set that nests is stored."""
    settings = read_settings()
    reading = reading_of(settings, encoding, crs, Fields(code_field, name_field, level_field, parent_field))
    rules = rules_of(settings, expect, tolerance, any_code)
    out = console(as_machine)
    if files or not mask:
        wishes = Wishes(repair, derive_parents, keep_holes, make_codes, street_code)
        examined = examine(_required(files), reading, rules, wishes)
        _tell(out, examined, map_file, as_machine)
        # without their folders: reports name the source to everybody, the public too
        named = ", ".join(file.rpartition(os.sep)[2] for file in files or [])
        _store(out, examined, settings, _Entry(name, named, first_day, yes))
    if mask:
        _load_mask(out, mask, reading, settings)


def reading_of(settings: Settings, encoding: str | None, crs: str | None, fields: Fields) -> Reading:
    """Return how files are to be read. "local" is the system of the settings. Raises UnknownCrs."""
    system = settings.local_crs if crs == "local" and settings.local_crs else crs
    url = make_url(settings.database_url)
    live = Path(url.database) if url.drivername == "sqlite" and url.database else None
    return Reading(settings.metric_crs, encoding, crs_name(system) if system else None, fields, live)


def rules_of(settings: Settings, expect: str | None, tolerance: float | None, any_code: bool) -> Rules:
    """Return what a set must fulfil, the settings' word unless the command line has another. Raises BadExpectation."""
    wanted = settings.expected_counts
    if expect is not None:
        parts = expect.split("/")
        if len(parts) != len(LEVELS) or not all(part.isdecimal() for part in parts):
            raise BadExpectation(
                f"--expect 应为 街道/社区/分站 三个数,如 1/9/22,而不是 {expect}",
                f"--expect takes three counts, street/community/substation, as in 1/9/22, not {expect}",
            )
        wanted = dict(zip(LEVELS, map(int, parts), strict=True))
    return Rules(wanted, settings.tolerance_m if tolerance is None else tolerance, settings.metric_crs, any_code)


def _required(files: list[str] | None) -> list[str]:
    if not files:
        raise NoFiles("请写出图层文件,如 gisgrid check *.geojson", "name the layer files: gisgrid check *.geojson")
    return files


def _tell(out: Console, examined: Examined, map_file: Path | None, as_machine: bool) -> None:
    """Print everything, draw the faults if asked, and leave with status 1 unless the set is acceptable."""
    if as_machine:
        typer.echo(as_json(examined))
    show(out, examined)
    if map_file is not None:
        _draw(out, examined, map_file)
    if not examined.is_acceptable:
        raise typer.Exit(1)


def _draw(out: Console, examined: Examined, path: Path) -> None:
    if examined.cells.empty:
        say(out, "没有读到任何网格,无图可画", "no cell could be read: there is nothing to draw")
        return
    # folium takes half a second to load, and every command would wait for it
    from gisgrid.maps.drawings import draw_faults  # noqa: PLC0415
    from gisgrid.maps.pages import write  # noqa: PLC0415

    faults = [replace(fault, geometry=_place(fault)) for fault in in_order(examined.faults)]
    write(draw_faults(examined.cells, faults, title="网格检查 Layer check"), path)
    say(out, f"地图 {path}", f"map {path}")


def _place(fault: Fault) -> BaseGeometry | None:
    if fault.geometry is None and fault.longitude is not None:
        return shapely.Point(fault.longitude, fault.latitude)
    return fault.geometry


@dataclass(frozen=True)
class _Entry:
    """What is said of a set that is stored."""

    name: str | None
    source: str
    first_day: datetime | None
    go_on: bool


def _store(out: Console, examined: Examined, settings: Settings, entry: _Entry) -> None:
    cells = examined.cells
    with open_session(settings.database_url, write=True) as session:
        day = first_day_of(session, entry.first_day.date() if entry.first_day else None)
        gone = vanishing_cells(session, cells, day)
        if gone:
            show_vanishing(out, gone)
        if gone and not entry.go_on:
            raise CellsVanish(
                f"{len(gone)} 个网格在新图层中消失;{day} 以前的数据仍属于旧网格,此后的归入新网格。确认无误请加 --yes",
                f"{len(gone)} cells vanish; what is from before {day} stays on the old grid, the rest moves. "
                "If that is meant, add --yes",
            )
        known = cells[cells["level"] == LEVELS[0]]
        streets = [called or code for called, code in zip(known["name"], known["code"], strict=True)]
        name = entry.name or f"{'、'.join(streets)} {day}"
        store_cells(session, cells, name=name, source=entry.source, first_day=day, metric_crs=settings.metric_crs)
        moved = relocate(session, day, settings)
    say(out, f"已存入“{name}”,自 {day} 起生效", f"stored as {name!r}, in force from {day}")
    if moved:
        say(
            out,
            f"该日以来的 {moved} 条打卡和事件已按当日网格重新归格",
            f"{moved} check-ins and incidents since then were given their cells of the day anew",
        )


def _load_mask(out: Console, files: list[str], reading: Reading, settings: Settings) -> None:
    mask, faults = read_mask(files, reading, settings.tolerance_m)
    show_faults(out, faults)
    if only_faults(faults):
        raise typer.Exit(1)
    with open_session(settings.database_url, write=True) as session:
        count = store_mask(session, mask)
    say(
        out, f"应巡范围 {count} 块已存入,替换原有范围", f"patrollable mask: {count} areas stored in place of the former"
    )
