"""Files that somebody hands in: GPX, GeoJSON, CSV, and the queue of the patroller's page in our own JSON."""

from functools import partial
from typing import Any, Final

from gisgrid.parse import BadBody, lenient_json
from gisgrid.patrols.trackers import own
from gisgrid.patrols.trackers.reading import MOST_ITEMS, Delivery, Found, Sent, delivered, each, unread
from gisgrid.patrols.trackers.values import Fields, finite, name, unless_negative
from gisgrid.rows import Row, Rows, UnreadableFile, columns_of, rows_of

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "longitude": ("longitude", "lon", "lng", "long", "x", "经度"),
    "latitude": ("latitude", "lat", "y", "纬度"),
    "fix_at": ("fix_at", "time", "timestamp", "datetime", "时间", "定位时间", "打卡时间", "巡查时间"),
    "patroller": ("patroller", "patroller_ref", "name_of_patroller", "巡查员", "巡逻员", "姓名", "人员"),
    "patrol": ("patrol", "patrol_ref", "track", "班次", "巡查任务"),
    "client_id": ("client_id", "uuid", "编号"),
    "accuracy_m": ("accuracy_m", "accuracy", "精度"),
    "crs": ("crs", "坐标系"),
    "recorded_by": ("recorded_by", "记录设备"),
}
"""The names by which files know the fields of a check-in, the first names first."""
FIELDS: Final[Fields] = {  # those of GPX; it has its own way with names
    **own.FIELDS,
    "ele": ("altitude_m", finite),
    "speed": ("speed_mps", unless_negative),
    "course": ("bearing_deg", unless_negative),
    "sat": ("satellites", finite),
    "point": None,
}
NO_ROWS: Final = ("文件里没有一条记录", "the file holds no rows")
KINDS: Final = {b"{": "json", b"[": "json", b"<": "gpx"}


def read(sent: Sent) -> Delivery:
    """Read a file by its name, or, without a name that tells, by how it begins."""
    begins = sent.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    try:
        if begins == b"[" or (begins == b"{" and not _is_geojson(sent.body)):
            return own.read(sent)
        return _rows(sent, rows_of(_file_name(sent, begins), sent.body, MOST_ITEMS + 1))
    except UnreadableFile as error:
        return delivered([unread((error.zh, error.en), sent.body)])


def _is_geojson(body: bytes) -> bool:
    try:
        root = lenient_json(body)
    except BadBody:
        return True  # whose reader says in which line it breaks off
    return isinstance(root, dict) and root.get("type") in ("Feature", "FeatureCollection")


def _file_name(sent: Sent, begins: bytes) -> str:
    given = name(sent.file_name) or "file"
    return given if "." in given else f"{given}.{KINDS.get(begins, 'csv')}"


def _rows(sent: Sent, rows: Rows) -> Delivery:
    chosen = columns_of(rows.columns, COLUMNS)
    found = [*each(rows.rows, partial(_found, sent, {}, rows, chosen))]
    return delivered(found or [unread(NO_ROWS, sent.body)])


def _found(sent: Sent, systems: own.Systems, rows: Rows, chosen: dict[str, str], row: Row) -> Found:
    if row.fault is not None:
        zh, en = rows.unit
        return unread((row.fault.zh, row.fault.en), f"第 {row.number} {zh} / {en} {row.number}")
    item: dict[str, Any] = {field: value for field, value in row.values.items() if value != ""}
    for field, column in chosen.items():
        if column in item:
            item[field] = item.pop(column)
    if "crs" not in item and rows.crs is not None:
        item["crs"] = rows.crs
    if row.values.get("point") == "trkpt":
        item.setdefault("is_track", True)
    return own.found(sent, systems, FIELDS, item)
