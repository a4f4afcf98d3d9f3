"""From the arguments of the command line to plain files: `[LEVEL=]FILE[#LAYER]`, zip archives unpacked."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from gisgrid.grid.layers.drivers import FORMATS
from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.levels import level_of_word

LAYER_SUFFIXES: Final = {".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb", ".parquet"}
COMPANIONS: Final = {".shx", ".dbf", ".prj", ".cpg"}
UNPACKED_LIMIT: Final = 4 * 1024**3
"""Bytes. An archive that grows beyond is not a layer of cells."""


@dataclass(frozen=True)
class Source:
    """One file to read: where it is, what people call it, and the level and layer that were asked for."""

    path: Path
    label: str
    level: str | None = None
    layer: str | None = None


def find_sources(argument: str, scratch: Path, live: Path | None = None) -> list[Source]:
    """Return the files behind one `[LEVEL=]FILE[#LAYER]`; archives are unpacked under `scratch`.

    `live` is the database file in use, which nothing but the database may open. Raises Unusable.
    """
    path, level, layer = _parse(argument)
    label = path.name
    if not path.exists():
        raise _unusable(label, f"找不到文件 {path}", f"there is no file {path}", "检查路径", "check the path")
    if path.is_dir():
        raise _unusable(
            label, f"{path} 是文件夹", f"{path} is a folder", "请写出其中的文件", "name the files inside it"
        )
    if live is not None and live.exists() and path.samefile(live):
        raise _unusable(
            label,
            "这是系统正在使用的数据库,不是图层",
            "this is the database in use, not a layer",
            "请给出图层文件",
            "name a layer file",
        )
    if path.stat().st_size == 0:
        raise _unusable(
            label,
            "文件是空的(0 字节)",
            "the file is empty (0 bytes)",
            "请重新导出图层",
            "export the layer again",
        )
    if zipfile.is_zipfile(path):
        return [Source(found, f"{label} › {name}", level, layer) for found, name in _unpack(path, scratch)]
    return [Source(path, label, level, layer)]


def _parse(argument: str) -> tuple[Path, str | None, str | None]:
    if Path(argument).exists():
        return Path(argument), None, None
    word, equals, rest = argument.partition("=")
    level = level_of_word(word) if equals else None
    if level is None:
        rest = argument
    name, mark, layer = rest.rpartition("#")
    if mark and not Path(rest).exists():
        return Path(name), level, layer
    return Path(rest), level, None


def _unpack(archive: Path, scratch: Path) -> list[tuple[Path, str]]:
    """Copy the layer files of an archive to flat names of our own; return those that are layers."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = list(_members(opened))
            if sum(info.file_size for info, _ in members) > UNPACKED_LIMIT:
                raise _unusable(
                    archive.name,
                    "压缩包解开后超过 4 GB",
                    "the archive unpacks to more than 4 GB",
                    "只保留图层文件",
                    "keep the layer files only",
                )
            folders: dict[PurePosixPath, Path] = {}
            for info, name in members:
                folder = folders.setdefault(name.parent, scratch / f"{archive.stem}-{len(folders)}")
                folder.mkdir(parents=True, exist_ok=True)
                (folder / (name.stem + name.suffix.lower())).write_bytes(opened.read(info))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise _unusable(
            archive.name,
            f"压缩包无法解开({error})",
            f"the archive cannot be unpacked ({error})",
            "请重新压缩,不要加密码",
            "zip it again, without a password",
        ) from error
    found = [
        (folders[name.parent] / (name.stem + name.suffix.lower()), name.name)
        for _, name in members
        if name.suffix.lower() in LAYER_SUFFIXES
    ]
    if not found:
        raise _unusable(
            archive.name,
            "压缩包里没有图层",
            "there is no layer in the archive",
            f"可用格式:{FORMATS}",
            f"formats: {FORMATS}",
        )
    return found


def _members(opened: zipfile.ZipFile) -> Iterable[tuple[zipfile.ZipInfo, PurePosixPath]]:
    for info in opened.infolist():
        name = PurePosixPath(_readable(info).replace("\\", "/"))
        is_resource_fork = "__MACOSX" in name.parts or name.name.startswith("._")
        if not is_resource_fork and name.suffix.lower() in LAYER_SUFFIXES | COMPANIONS:
            yield info, name


def _readable(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x800:  # the archive says its names are UTF-8
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _unusable(label: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Unusable:
    return Unusable(Fault("file", zh, en, remedy_zh, remedy_en, file=label))
