"""Reading rows of files that people hand in: CSV, GeoJSON, GPX. Without GDAL, which would follow what a file points to.

A row that cannot be read comes with its fault and the reading goes on.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax
from defusedxml import DefusedXmlException

from gisgrid.errors import Refused

ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t"


class UnreadableFile(Refused):
    """A file that holds no rows we can read."""


class BadRow(Refused):
    """A row that cannot be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, its values by column; or why it cannot be read."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    fault: BadRow | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file. `unit` says in Chinese and English what numbers count; `crs` is as the file declares."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    expected: int
    unit: tuple[str, str] = ("行", "line")
    crs: str | None = None


def read_rows(path: Path) -> Rows:
    """Read a file by its suffix: .csv, .tsv, .txt, .geojson, .json, .gpx. Raises UnreadableFile.

    JSON is GeoJSON, or a plain list of objects as the service itself takes them.
    """
    reader = _reader(path.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path.name, f"打不开({error.strerror})", f"cannot be opened ({error.strerror})") from error
    return reader(path.name, text_of(path.name, data), None)


def rows_of(name: str, data: bytes, most: int | None = None) -> Rows:
    """Read what a file of that name holds, as `read_rows`, and no more than so many rows. Raises UnreadableFile."""
    return _reader(name)(name, text_of(name, data), most)


def _reader(name: str) -> Callable[[str, str, int | None], Rows]:
    readers = dict.fromkeys((".csv", ".tsv", ".txt"), _csv) | dict.fromkeys((".geojson", ".json"), _json)
    if reader := {**readers, ".gpx": _gpx}.get(PurePath(name).suffix.lower()):
        return reader
    raise _unreadable(name, "请给出 .csv、.geojson 或 .gpx 文件", "give a .csv, .geojson or .gpx file")


def columns_of(columns: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the column of each field that a file has: the first that bears one of the names by which it is known."""
    by_name = {column.casefold(): column for column in reversed(columns)}
    known = {field: [by_name[name] for name in aliases if name in by_name] for field, aliases in names.items()}
    return {field: found[0] for field, found in known.items() if found}


def _unreadable(name: str, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(f"{name}:{zh}", f"{name}: {en}")


def text_of(name: str, data: bytes) -> str:
    """Return the text of a file in UTF-8, GB18030, or UTF-16 with its mark. Raises UnreadableFile."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(name, "编码无法识别;请另存为 UTF-8", "unknown encoding; save it as UTF-8")


# --- CSV -----------------------------------------------------------------------------------------


def _csv(name: str, text: str, most: int | None) -> Rows:
    header, _, _ = text.partition("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=header.count))
    try:
        columns = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        raise _unreadable(name, "第一行不是列名", "its first line does not name the columns") from error
    if not any(columns):
        raise _unreadable(name, "文件是空的;第一行应为列名", "is empty; its first line must name the columns")
    doubled = sorted({column for column in columns if column and columns.count(column) > 1})
    if doubled:
        names = ", ".join(doubled)
        raise _unreadable(name, f"列名重复:{names}", f"columns are named twice: {names}")
    return Rows(tuple(columns), islice(_csv_rows(reader, columns), most), text.count("\n"))


def _csv_rows(reader: Any, columns: list[str]) -> Iterator[Row]:
    while True:
        number = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield _bad(number, "引号不成对,或某一格过长", "its quotes do not match, or a field is too long")
            continue
        if not any(map(str.strip, values)):
            continue
        if len(values) != len(columns):
            told = f"{len(values)} ≠ {len(columns)}"
            yield _bad(number, f"格数与列名不符({told})", f"its fields do not match the columns ({told})")
            continue
        yield Row(number, {name: value.strip() for name, value in zip(columns, values, strict=True)})


def _bad(number: int, zh: str, en: str) -> Row:
    return Row(number, fault=BadRow(zh, en))


# --- JSON ----------------------------------------------------------------------------------------


def _json(name: str, text: str, most: int | None) -> Rows:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        line = error.lineno
        raise _unreadable(name, f"第 {line} 行不是有效的 JSON", f"line {line} is not valid JSON") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, "不是有效的 JSON", "is not valid JSON") from error
    return _items(found[:most]) if isinstance(found, list) and found else _features(name, found, most)


def _items(found: list[Any]) -> Rows:
    bad = ("应为 JSON 对象 {…}", "must be a JSON object {…}")
    rows = [Row(n, item) if isinstance(item, dict) else _bad(n, *bad) for n, item in enumerate(found, start=1)]
    columns = dict.fromkeys(name for row in rows for name in row.values)
    return Rows(tuple(columns), iter(rows), len(rows), ("条", "item"))


def _features(name: str, found: Any, most: int | None) -> Rows:
    features = found.get("features", [found]) if isinstance(found, dict) else None
    if not isinstance(features, list) or found.get("type") not in ("Feature", "FeatureCollection"):
        raise _unreadable(name, "应为 GeoJSON FeatureCollection", "must be a GeoJSON FeatureCollection")
    rows = [_feature(number, feature) for number, feature in enumerate(features[:most], start=1)]
    columns = dict.fromkeys(name for row in rows for name in row.values)
    return Rows(tuple(columns), iter(rows), len(rows), ("个要素", "feature"), _declared(found.get("crs")))


def _declared(crs: Any) -> str | None:
    """Return the system that files older than RFC 7946 name."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _feature(number: int, feature: Any) -> Row:
    match feature:
        case {"geometry": {"type": "Point", "coordinates": [x, y, *_]}}:
            properties = feature.get("properties")
            return Row(number, {**(properties if isinstance(properties, dict) else {}), "longitude": x, "latitude": y})
    return _bad(number, "几何应为 Point", "its geometry must be a Point")


# --- GPX -----------------------------------------------------------------------------------------

POINTS = {"trkpt", "rtept", "wpt"}
TEXTS = ("time", "name", "desc", "ele", "speed", "course", "hdop", "sat")
GPX_COLUMNS = ("longitude", "latitude", *TEXTS, "track", "point")
"""`point` is what the row was: trkpt, rtept or wpt."""


class _Enough(SAXException):
    """As many points as were asked for."""


def _gpx(name: str, text: str, most: int | None) -> Rows:
    handler = _Gpx(most)
    # it is text already: what the file says of its encoding holds no longer
    body = re.sub(r"\A(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')", r"\1", text)
    try:
        defusedxml.sax.parseString(body.encode("utf-8", "replace"), handler, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _unreadable(name, "含 DTD 或实体,不予读取", "holds a DTD or entities and is not read") from error
    except _Enough:
        pass  # how the parser is stopped: what was read by then is what was asked for
    except (SAXException, ValueError, LookupError):  # the latter two for an encoding that is named after all
        handler.broken()
    if not any(row.values for row in handler.rows):
        raise _unreadable(name, "没有可读的 GPX 点", "holds no GPX points that can be read")
    return Rows(GPX_COLUMNS, iter(handler.rows), len(handler.rows))


class _Gpx(ContentHandler):
    """Collects the points of tracks, routes and waypoints, whatever the version of the format."""

    def __init__(self, most: int | None) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._most = most
        self._line = 0
        self._point: dict[str, Any] | None = None
        self._track = ""
        self._path: list[str] = []
        self._words: list[str] = []

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the interface's name
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        plain = name.rpartition(":")[2]
        self._path.append(plain)
        self._words = []
        if len(self.rows) == self._most:
            raise _Enough("")
        if plain in POINTS:
            self._line = self._locator.getLineNumber() or 0
            self._point = {"longitude": attrs.get("lon", ""), "latitude": attrs.get("lat", ""), "point": plain}
        elif plain == "trk":
            self._track = ""

    def characters(self, content: str) -> None:
        self._words.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        plain, parent = self._path.pop(), self._path[-1] if self._path else ""
        if plain in POINTS and self._point is not None:
            self.rows.append(Row(self._line, {**dict.fromkeys(GPX_COLUMNS, ""), "track": self._track, **self._point}))
            self._point = None
        elif parent in POINTS and plain in TEXTS and self._point is not None:
            self._point[plain] = "".join(self._words).strip()
        elif parent == "trk" and plain == "name":
            self._track = "".join(self._words).strip()

    def broken(self) -> None:
        """Note that the file ends, or is damaged, where the parser stands."""
        line = self._locator.getLineNumber() or 0
        self.rows.append(_bad(line, "文件从这里起损坏或不完整", "the file is damaged or cut off from here on"))
