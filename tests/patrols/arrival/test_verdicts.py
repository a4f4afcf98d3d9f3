"""Flags as they stand in the database, whatever order fixes arrive in."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prcoords import wgs_gcj
from sqlalchemy import Engine, delete, select

from gisgrid.database import make_engine, session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.place import CELL_COLUMNS
from gisgrid.grid.relocate import relocate
from gisgrid.grid.tables import Cell
from gisgrid.migrations import upgrade
from gisgrid.once import table_of
from gisgrid.patrols.arrival.check_in import check_in
from gisgrid.patrols.arrival.senders import CheckIn
from gisgrid.patrols.judge import Flag, names_of
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from tests.grid.builders import METRIC
from tests.laid import CELLS, SPOT, lay

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
METRE = 1 / 111_195.0
EAST_DEGREES = 0.03
BOTH = [(SPOT[1], SPOT[0]), (SPOT[1], SPOT[0] + EAST_DEGREES)]
FIX = table_of(Fix)


def a_fix(second: float = 0, north_m: float = 0, **changes: Any) -> CheckIn:
    moment = NOON + timedelta(seconds=second)
    place = {"longitude": SPOT[0], "latitude": SPOT[1] + north_m * METRE, "accuracy_m": 5.0}
    return CheckIn(**{"patroller": "P1", "fix_at": moment, "received_at": moment, **place, **changes})


def send(engine: Engine, fixes: Sequence[CheckIn]) -> list[list[str]]:
    """Check in; return the flags of each as they are answered."""
    with session_scope(engine, write=True) as session:
        return [names_of((outcome.row or {})["flags"]) for outcome in check_in(session, fixes, Settings())]


def stand(engine: Engine) -> list[tuple[str, float, list[str]]]:
    with session_scope(engine) as session:
        rows = session.execute(select(Fix.fix_at, Fix.latitude, Fix.flags).order_by(Fix.fix_at, Fix.latitude))
        return [(str(row.fix_at), row.latitude, names_of(row.flags)) for row in rows]


def test_what_arrives_late_takes_a_doubt_away_and_brings_one(ground: Engine) -> None:
    assert send(ground, [a_fix(0), a_fix(60, 60_000)]) == [["teleport"], ["teleport", "outside"]]
    assert send(ground, [a_fix(120, 10)]) == [[]]
    assert [flags for _, _, flags in stand(ground)] == [[], ["teleport", "outside"], []]
    assert send(ground, [a_fix(61, 60_010)]) == [["outside"]]
    assert [flags for _, _, flags in stand(ground)] == [["teleport"], ["outside"], ["outside"], ["teleport"]]


def test_a_position_that_never_changes_is_told_once_it_has_lasted(ground: Engine) -> None:
    answered = [send(ground, [a_fix(second)])[0] for second in range(0, 700, 100)]
    assert answered == [[]] * 6 + [["frozen"]]
    assert {tuple(flags) for _, _, flags in stand(ground)} == {("frozen",)}


ALL_SORTS = [
    *(a_fix(30 * number, 20 * number) for number in range(60)),
    a_fix(3000, longitude=SPOT[1], latitude=SPOT[0]),
    a_fix(3060, longitude=SPOT[1], latitude=SPOT[0] + EAST_DEGREES),
    *(a_fix(4000 + 60 * n, longitude=wgs_gcj(at).lon, latitude=wgs_gcj(at).lat) for n, at in enumerate(BOTH)),
    a_fix(5000, 60_000),
    a_fix(5001, longitude=0.0, latitude=0.0),
    a_fix(5002, longitude=None, latitude=None),
]
"""In both grids or in one of them, near edges, far out, swapped, in other coordinates, nowhere."""


def replace(engine: Engine) -> None:
    """Take a grid into force, since a day before, whose cells lie a little further east."""
    cells = CELLS.set_geometry(CELLS.geometry.translate(EAST_DEGREES))
    with session_scope(engine, write=True) as session:
        day = NOON.date() - timedelta(days=1)
        store_cells(session, cells, name="east", source="t", first_day=day, metric_crs=METRIC)
        relocate(session, day, Settings())


def judged(engine: Engine) -> list[Any]:
    told = [FIX.c[name] for name in ("fix_at", "client_id", "flags", "candidates", "standing", *CELL_COLUMNS)]
    with session_scope(engine) as session:
        names = dict(session.execute(select(Cell.id, Cell.code)).all())
        rows = session.execute(select(*told).order_by(FIX.c.client_id)).all()
    return [(*row[:5], *map(names.get, row[5:])) for row in rows]


def test_in_another_grid_they_are_judged_as_if_it_had_been_there_from_the_first(
    ground: Engine, other_engine: Engine
) -> None:
    send(ground, ALL_SORTS)
    before = judged(ground)
    replace(ground)
    lay(other_engine)
    replace(other_engine)
    send(other_engine, ALL_SORTS)
    assert judged(ground) == judged(other_engine)
    for column in (2, 3, 7):
        assert [row[column] for row in before] != [row[column] for row in judged(ground)]


def test_two_people_are_not_compared(ground: Engine) -> None:
    assert send(ground, [a_fix(0), a_fix(0.5, 100, patroller="P2")]) == [[], []]


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        ({"longitude": SPOT[1], "latitude": SPOT[0]}, ["swapped"]),
        ({"longitude": 0.0, "latitude": 0.0}, ["null_island", "outside"]),
        ({"longitude": None}, ["not_finite"]),
        ({"attributes": {"is_mock": True}}, ["mock"]),
        ({"is_untimed": True}, ["untimed"]),
        ({"accuracy_m": 120.0}, ["coarse"]),
        ({"received_at": NOON - timedelta(days=2)}, ["ahead", "far_ahead"]),
    ],
)
def test_what_is_doubtful_is_kept_with_its_name(ground: Engine, fix: dict[str, Any], expected: list[str]) -> None:
    (flags,) = send(ground, [a_fix(**fix)])
    assert [name for name in flags if name != "near_edge"] == expected


def test_what_lies_in_a_cell_once_it_is_no_longer_shifted_looks_like_gcj02(ground: Engine) -> None:
    from shapely import box

    from gisgrid.grid.locate import grid_on

    with session_scope(ground) as session:
        street = grid_on(session).cells.query("level == 'street'").geometry.iloc[0]
    _, south, east, north = street.bounds
    inner = (east - 0.0005, (south + north) / 2)  # a map vendor moves it east, out of the street
    assert street.intersects(box(*inner, *inner))
    shifted = wgs_gcj((inner[1], inner[0]))
    assert "gcj02" in send(ground, [a_fix(longitude=shifted.lon, latitude=shifted.lat)])[0]


def test_near_an_edge_the_other_cells_are_kept_with_their_probability(ground: Engine) -> None:
    from gisgrid.grid.locate import grid_on

    with session_scope(ground) as session:
        cells = grid_on(session).cells.query("level == 'substation'")
    here, there = cells.geometry.iloc[0], cells.geometry.iloc[1]
    edge = here.intersection(there)
    if edge.is_empty:
        pytest.skip("the first two cells do not touch")
    on_edge = edge.interpolate(0.5, normalized=True)
    (flags,) = send(ground, [a_fix(longitude=on_edge.x, latitude=on_edge.y)])
    assert flags == ["near_edge"]
    with session_scope(ground) as session:
        found = json.loads(session.scalars(select(Fix.candidates)).one() or "")
    assert {code for code, _ in found} == set(cells["code"].iloc[:2])
    assert sum(share for _, share in found) == pytest.approx(1)
    assert all(0.3 < share < 0.7 for _, share in found)


arrivals = st.lists(
    st.tuples(st.integers(0, 30).map(lambda step: step * 60), st.sampled_from([0, 3, 50_000])),
    min_size=1,
    max_size=12,
    unique=True,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('verdicts')}/world.sqlite")
    upgrade(engine)
    lay(engine)
    return engine


@given(arrivals, st.randoms(use_true_random=False), st.integers(1, 5))
def test_the_order_of_arrival_changes_no_flag(world: Engine, fixes: list[Any], chance: Any, size: int) -> None:
    sent = [a_fix(*fix) for fix in fixes]
    found = []
    for order in (sent, chance.sample(sent, len(sent))):
        with session_scope(world, write=True) as session:
            session.execute(delete(Fix))
        for start in range(0, len(order), size):
            send(world, order[start : start + size])
        found.append(stand(world))
    with session_scope(world, write=True) as session:
        session.execute(delete(Fix))
    send(world, sent)
    assert found[0] == found[1] == stand(world)


def test_released_flags_keep_their_numbers() -> None:
    assert (Flag.SEALED, Flag.NEAR_EDGE) == (1024, 65536)  # the database knows them
