"""Layers in the database: one of a name, replaced as a whole."""

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, func, select, update

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.grid.own import store
from gisgrid.grid.own.read import BadOwnLayer, Read
from gisgrid.grid.own.store import (
    FEATURE,
    LAYER,
    SEA,
    BadLayerName,
    NoSuchLayer,
    Wish,
    add_own,
    own_layers,
    remove_own,
    sea_area,
    walkable_lines,
)
from tests.grid.own.builders import X, Y, put, put_addresses
from tests.staff.builders import audited

LINE = shapely.LineString([(X, Y), (X + 0.001, Y)])


def test_a_layer_takes_the_place_of_that_of_the_same_name(engine: Engine) -> None:
    put_addresses(engine, "甲路1号", "甲路2号")
    put(engine, "river", [LINE, shapely.Point(X, Y)], ["河", ""], title_zh="河流")
    put_addresses(engine, "　乙路 １Ｂ号 ")
    with session_scope(engine) as session:
        first, second = own_layers(session)
        assert (first.name, first.title_zh, first.title_en, first.kind, first.features) == (
            *("addresses", "门牌地址", "Addresses"),
            *("point", 1),
        )
        assert (second.name, second.title_zh, second.title_en, second.kind) == ("river", "河流", "河流", "mixed")
        keys = select(FEATURE.c.name, FEATURE.c.key).where(FEATURE.c.layer_id == first.id)
        assert session.execute(keys).all() == [("乙路 １Ｂ号", "乙路1b号")]
        assert session.scalar(select(func.count()).select_from(FEATURE)) == 3
    assert [entry.detail for entry in audited(engine, "layer.added")][-1] == {"layer": "addresses", "rows": 1}


def test_the_sea_is_made_of_areas(engine: Engine) -> None:
    with pytest.raises(BadOwnLayer, match="areas"):
        put(engine, SEA, [LINE])
    with session_scope(engine) as session:
        assert sea_area(session) is None
    bay, strait = shapely.box(X, Y, X + 1, Y + 1), shapely.box(X + 2, Y, X + 3, Y + 1)
    put(engine, SEA, [bay, strait], ["大鹏湾", ""])
    with session_scope(engine) as session:
        sea = sea_area(session)
        assert sea is not None
        assert sea.equals(shapely.MultiPolygon([bay, strait]))
        (layer,) = own_layers(session)
        assert (layer.title_zh, layer.title_en, layer.kind, layer.features) == ("海域", "Sea", "area", 2)


def test_a_small_layer_comes_with_whatever_else_is_stored(engine: Engine) -> None:
    read = Read(np.array([LINE], dtype=object), ["河"])
    with session_scope(engine, write=True) as session:
        add_own(session, Wish("river"), read)
        session.rollback()
        assert own_layers(session) == []
        add_own(session, Wish("river"), read)
    with session_scope(engine) as session:
        assert [(each.name, each.features) for each in own_layers(session)] == [("river", 1)]
        assert session.scalars(select(FEATURE.c.name)).all() == ["河"]


def test_a_layer_that_is_removed_leaves_nothing(engine: Engine) -> None:
    put_addresses(engine, "甲路1号")
    assert remove_own(engine, OPERATOR, "addresses") == 1
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(FEATURE)) == 0
        assert session.scalar(select(func.count()).select_from(LAYER)) == 0
    with pytest.raises(NoSuchLayer):
        remove_own(engine, OPERATOR, "addresses")
    assert [entry.detail for entry in audited(engine, "layer.removed")] == [{"layer": "addresses", "rows": 1}]


def test_one_walks_on_the_lines_of_some_layers(engine: Engine) -> None:
    put(engine, "roads", [LINE])
    put(engine, "lanes", [LINE, shapely.MultiLineString([LINE, LINE])], is_walkable=True)
    with session_scope(engine) as session:
        assert [line.equals(LINE) for line in walkable_lines(session)] == [True] * 3


def test_while_a_layer_is_loaded_the_former_is_there_and_what_was_never_finished_goes(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_addresses(engine, "甲路1号")

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "_add", cut)
        with pytest.raises(KeyboardInterrupt):
            put_addresses(engine, "乙路1号", "乙路2号")
    with session_scope(engine, write=True) as session:
        assert [layer.features for layer in own_layers(session)] == [1]
        session.execute(update(LAYER).where(LAYER.c.name.is_(None)).values(loaded_at=store.LONG_AGO))
    put(engine, "roads", [LINE])
    with session_scope(engine) as session:
        assert session.scalars(select(LAYER.c.name).order_by(LAYER.c.name)).all() == ["addresses", "roads"]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_can_be_no_layer(engine: Engine) -> None:
    for name in ("", "Roads", "1st", "a b", "道路", "a" * 41):
        with pytest.raises(BadLayerName):
            put(engine, name, [LINE])
    with pytest.raises(BadLayerName):
        put(engine, "roads", [LINE], title_zh="路\n口")
    with pytest.raises(BadOwnLayer, match="--walk"):
        put(engine, "parks", [shapely.box(X, Y, X + 1, Y + 1)], is_walkable=True)
    with pytest.raises(BadOwnLayer, match="--name-column"):
        put(engine, "addresses", [shapely.Point(X, Y)])
