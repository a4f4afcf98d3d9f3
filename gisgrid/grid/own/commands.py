"""`gisgrid layers`: own layers on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from gisgrid.audit.record import OPERATOR
from gisgrid.grid.layers.commands import Crs, Encoding, reading_of
from gisgrid.grid.layers.fields import Fields
from gisgrid.grid.own.read import read_own
from gisgrid.grid.own.store import Wish, own_layers, remove_own, store_own
from gisgrid.migrations import open_engine, open_session
from gisgrid.settings import read_settings

commands = typer.Typer(
    name="layers",
    help="自有图层:道路、小巷、建筑、门牌地址等 / own layers: roads, lanes, buildings, addresses…",
    no_args_is_help=True,
)

Name = Annotated[
    str,
    typer.Argument(
        help="图层名:roads、lanes、buildings、addresses,或自定 / name: roads, lanes, buildings, addresses or one's own",
        show_default=False,
    ),
]
Files = Annotated[list[str], typer.Argument(metavar="文件[#图层]…", help="矢量文件 / vector files", show_default=False)]


@commands.command("add")
def add_command(
    name: Name,
    files: Files,
    name_column: Annotated[str | None, typer.Option(help="名称或地址字段 / field of the name or address")] = None,
    title_zh: Annotated[str, typer.Option(help="中文标题 / title in Chinese")] = "",
    title_en: Annotated[str, typer.Option(help="英文标题 / title in English")] = "",
    walk: Annotated[
        bool, typer.Option("--walk", help="建议路线沿它的线走 / suggested rounds lead over its lines")
    ] = False,
    encoding: Encoding = None,
    crs: Crs = None,
) -> None:
    """载入图层,替换同名的 / load a layer in place of that of the same name."""
    settings = read_settings()
    read = read_own(files, reading_of(settings, encoding, crs, Fields(name=name_column)))
    # without their folders: whoever sees the map may see what it was made of
    source = ", ".join(Path(file).name for file in files)
    with open_engine(settings.database_url) as engine:
        layer = store_own(engine, OPERATOR, Wish(name, title_zh, title_en, walk, source), read)
    typer.echo(f"已载入 / loaded: {layer.title_zh} {layer.title_en}, {layer.kind}, {layer.features}")
    named = ", ".join(column or "-" for column in read.columns)
    typer.echo(f"名称字段 / field of the names: {named}")
    if read.left_out:
        typer.echo(f"没有可用几何而略过 / left out for want of a geometry: {read.left_out}")


@commands.command("list")
def list_command() -> None:
    """列出图层 / list the layers: name, title, kind, features, walked on, source."""
    with open_session(read_settings().database_url) as session:
        for each in own_layers(session):
            walked = "walk" if each.is_walkable else "-"
            titles = f"{each.title_zh} {each.title_en}"
            typer.echo("\t".join((each.name or "", titles, each.kind, str(each.features), walked, each.source)))


@commands.command("remove")
def remove_command(name: Name) -> None:
    """删除图层 / remove a layer."""
    with open_engine(read_settings().database_url) as engine:
        gone = remove_own(engine, OPERATOR, name)
    typer.echo(f"已删除 / removed: {gone}")
