"""Own layers kept in the database: each replaced as a whole, listed, removed."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.database import session_scope
from gisgrid.errors import NotFound, Refused
from gisgrid.grid.own.read import BadOwnLayer, Read
from gisgrid.grid.own.tables import OwnFeature, OwnLayer
from gisgrid.once import table_of
from gisgrid.parse import CONTROL, search_key

SEA: Final = "sea"
"""The layer that lies under the cells where the base layer is `land`."""
LAYER, FEATURE = table_of(OwnLayer), table_of(OwnFeature)
TITLES: Final = {
    "roads": ("道路", "Roads"),
    "lanes": ("小巷", "Lanes"),
    "ways": ("步行道路", "Footways"),
    "buildings": ("建筑", "Buildings"),
    "addresses": ("门牌地址", "Addresses"),
    SEA: ("海域", "Sea"),
}
"""What layers of these names are called, unless somebody calls them something else."""
NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LONGEST_NAME: Final = 200
AT_A_TIME: Final = 500
"""Features in one transaction: some tens of milliseconds."""
GIVEN_UP: Final = timedelta(days=1)
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BadLayerName(Refused):
    """What can be no name or title of a layer."""


class NoSuchLayer(NotFound):
    """There is no own layer of that name."""


class Wish(NamedTuple):
    """What somebody says of a layer that is loaded."""

    name: str
    title_zh: str = ""
    title_en: str = ""
    is_walkable: bool = False
    source: str = ""


def store_own(engine: Engine, actor: Actor, wish: Wish, read: Read) -> OwnLayer:
    """Store a layer in place of that of the same name: piece by piece, so that nobody else waits long to write.

    It is there for others once all of it is. Raises BadLayerName, BadOwnLayer.
    """
    layer = _made(wish, read)
    with session_scope(engine, write=True) as session:
        session.add(layer)
    for rows in _pieces(layer, read):
        with session_scope(engine, write=True) as session:
            _add(session, rows)
    with session_scope(engine, write=True) as session:
        session.execute(update(LAYER).where(LAYER.c.name == wish.name).values(name=None, loaded_at=LONG_AGO))
        session.execute(update(LAYER).where(LAYER.c.id == layer.id).values(name=wish.name))
        record(session, actor, "layer.added", layer=wish.name, rows=layer.features)
    _sweep(engine)
    return layer


def add_own(session: Session, wish: Wish, read: Read) -> OwnLayer:
    """Store a small layer of a new name, with whatever else the session stores. Raises BadLayerName, BadOwnLayer."""
    layer = _made(wish, read)
    layer.name = wish.name
    session.add(layer)
    session.flush()
    for rows in _pieces(layer, read):
        _add(session, rows)
    return layer


def _made(wish: Wish, read: Read) -> OwnLayer:
    zh, en = _titles(wish)
    _require_fit(wish, read)
    layer = OwnLayer(title_zh=zh, title_en=en, kind=read.kind, is_walkable=wish.is_walkable, source=wish.source)
    layer.features, layer.loaded_at = len(read.geometries), datetime.now(UTC)
    return layer


def _require_fit(wish: Wish, read: Read) -> None:
    if wish.is_walkable and read.kind != "line":
        raise BadOwnLayer(
            "步行道路应为线图层;请去掉 --walk,或换成线",
            "one walks on lines: leave --walk out, or load a layer of lines",
        )
    if wish.name == "addresses" and not any(read.names):
        raise BadOwnLayer(
            "没有找到地址字段;请用 --name-column 指明", "there is no field of addresses: name it with --name-column"
        )
    if wish.name == SEA and read.kind != "area":
        raise BadOwnLayer("海域应为面图层;请换成面", "the sea is drawn as areas: load a layer of areas")


def _pieces(layer: OwnLayer, read: Read) -> Iterator[list[dict[str, object]]]:
    """Yield the rows of a stored layer's features, some at a time."""
    names = [CONTROL.sub(" ", name).strip()[:LONGEST_NAME] for name in read.names]
    shapes = shapely.to_wkb(read.geometries).tolist()
    for start in range(0, len(shapes), AT_A_TIME):
        part = zip(names[start : start + AT_A_TIME], shapes[start : start + AT_A_TIME], strict=True)
        yield [{"layer_id": layer.id, "name": name, "key": search_key(name), "wkb": wkb} for name, wkb in part]


def _add(session: Session, rows: list[dict[str, object]]) -> None:
    # made each time: geoalchemy2 writes the function's name for one of the two databases into it
    add = insert(FEATURE).values(geometry=func.ST_GeomFromWKB(bindparam("wkb"), 4326))
    session.connection().execute(add, rows)


def _titles(wish: Wish) -> tuple[str, str]:
    known_zh, known_en = TITLES.get(wish.name, ("", ""))
    zh, en = wish.title_zh.strip() or known_zh, wish.title_en.strip() or known_en
    titles = (zh or en or wish.name, en or zh or wish.name)
    if not NAME.fullmatch(wish.name) or any(CONTROL.search(title) or len(title) > 40 for title in titles):
        raise BadLayerName(
            "图层名应为小写字母开头的字母、数字、- 和 _,如 roads;标题为一行,至多 40 字",
            "a layer's name is of small letters, digits, - and _, as roads; its title is one line of at most 40",
        )
    return titles


def remove_own(engine: Engine, actor: Actor, name: str) -> int:
    """Remove a layer; return how many features it had. Raises NoSuchLayer."""
    with session_scope(engine, write=True) as session:
        gone = own_layer(session, name).features
        session.execute(update(LAYER).where(LAYER.c.name == name).values(name=None, loaded_at=LONG_AGO))
        record(session, actor, "layer.removed", layer=name, rows=gone)
    _sweep(engine)
    return gone


def _sweep(engine: Engine) -> None:
    """Delete, piece by piece, what has no name any more, and what somebody began to load and never finished."""
    begun = datetime.now(UTC) - GIVEN_UP
    gone = select(LAYER.c.id).where(LAYER.c.name.is_(None), LAYER.c.loaded_at < begun)
    some = select(FEATURE.c.id).where(FEATURE.c.layer_id.in_(gone)).limit(AT_A_TIME)
    is_left = True
    while is_left:
        with session_scope(engine, write=True) as session:
            ids = session.scalars(some).all()
            session.execute(delete(FEATURE).where(FEATURE.c.id.in_(ids)))
            is_left = bool(ids)
            if not is_left:
                session.execute(delete(LAYER).where(LAYER.c.id.in_(gone)))


def own_layers(session: Session) -> Sequence[OwnLayer]:
    """Return all layers, by name."""
    return session.scalars(select(OwnLayer).where(OwnLayer.name.is_not(None)).order_by(OwnLayer.name)).all()


def own_layer(session: Session, name: str) -> OwnLayer:
    """Return the layer of a name. Raises NoSuchLayer."""
    found = session.scalar(select(OwnLayer).where(OwnLayer.name == name))
    if found is None:
        raise NoSuchLayer("没有这个图层;列出全部:gisgrid layers list", "there is no such layer: gisgrid layers list")
    return found


def sea_area(session: Session) -> BaseGeometry | None:
    """Return the sea in degrees as one (multi)polygon, None where no layer of it is loaded."""
    its = select(LAYER.c.id).where(LAYER.c.name == SEA)
    asked = select(func.ST_AsBinary(FEATURE.c.geometry)).where(FEATURE.c.layer_id.in_(its)).order_by(FEATURE.c.id)
    parts = shapely.get_parts(shapely.from_wkb(session.scalars(asked).all()))
    return shapely.multipolygons(parts) if len(parts) else None


def walkable_lines(session: Session) -> list[shapely.LineString]:
    """Return the lines on which one walks, in degrees."""
    walked = select(LAYER.c.id).where(LAYER.c.is_walkable, LAYER.c.name.is_not(None))
    asked = select(func.ST_AsBinary(FEATURE.c.geometry)).where(FEATURE.c.layer_id.in_(walked)).order_by(FEATURE.c.id)
    return list(shapely.get_parts(shapely.from_wkb(session.scalars(asked).all())))
