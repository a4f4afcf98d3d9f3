from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from prcoords import wgs_gcj
from sqlalchemy import Engine, func, select

from gisgrid.database import session_scope
from gisgrid.geometry import points_to_metric
from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.intake.arrivals import Outcome
from gisgrid.patrols.arrival.check_in import CheckIn, check_in, store_fixes
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.patrols.tables import Fix, Patrol, Patroller
from gisgrid.settings import Settings
from tests.grid.builders import METRIC
from tests.laid import CODES, ELSEWHERE, OUTSIDE, SPOT, lay

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 1, 12, tzinfo=ZONE)


def a_check_in(**changes: Any) -> CheckIn:
    given = {"patroller": "P1", "fix_at": NOON, "received_at": NOON, "longitude": SPOT[0], "latitude": SPOT[1]}
    return CheckIn(**{**given, **changes})


def send(engine: Engine, *sent: CheckIn) -> list[Outcome]:
    with session_scope(engine, write=True) as session:
        return check_in(session, sent, Settings())


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def fixes(engine: Engine) -> pd.DataFrame:
    with session_scope(engine) as session:
        return fixes_frame(session)


def codes(engine: Engine, outcome: Outcome) -> list[str | None]:
    assert outcome.row is not None
    with session_scope(engine) as session:
        known = dict(session.execute(select(Cell.id, Cell.code)).all())
    return [known.get(outcome.row[f"{level}_id"]) for level in LEVELS]


def test_a_fix_is_located_stored_and_keeps_what_was_sent(ground: Engine) -> None:
    received = NOON + timedelta(hours=3)
    sent = a_check_in(accuracy_m=8.5, patrol="早班", client_id="一", received_at=received)
    (outcome,) = send(ground, sent)
    assert (outcome.status, codes(ground, outcome)) == ("stored", list(CODES.values()))
    with session_scope(ground) as session:
        fix = session.scalars(select(Fix)).one()
        assert (fix.fix_at, fix.received_at, fix.accuracy_m, fix.client_id) == (NOON, received, 8.5, "一")
        assert (fix.longitude, fix.latitude, fix.raw_longitude, fix.raw_latitude) == (*SPOT, *SPOT)
        patrol = session.get_one(Patrol, fix.patrol_id)
        assert (patrol.ref, session.get_one(Patroller, patrol.patroller_id).ref) == ("早班", "P1")


def test_every_system_leads_to_the_same_place(ground: Engine) -> None:
    shifted = wgs_gcj((SPOT[1], SPOT[0]))
    x, y = (float(value) for value in points_to_metric(*SPOT, METRIC))
    outcomes = send(
        ground,
        a_check_in(longitude=shifted.lon, latitude=shifted.lat, crs="gcj02"),
        a_check_in(longitude=x, latitude=y, crs=METRIC),
        a_check_in(),
    )
    for outcome in outcomes:
        assert outcome.row is not None
        assert (outcome.row["longitude"], outcome.row["latitude"]) == pytest.approx(SPOT, abs=1e-7)
        assert codes(ground, outcome) == list(CODES.values())
    with session_scope(ground) as session:
        raw = session.execute(select(Fix.crs, Fix.raw_longitude).order_by(Fix.crs)).all()
    assert sorted(raw) == sorted([("gcj02", shifted.lon), (METRIC, x), ("EPSG:4326", SPOT[0])])


def test_a_point_outside_every_cell_is_kept(ground: Engine) -> None:
    (outcome,) = send(ground, a_check_in(longitude=OUTSIDE[0], latitude=OUTSIDE[1]))
    assert (outcome.status, codes(ground, outcome)) == ("stored", [None, None, None])


def test_without_any_grid_all_is_outside(engine: Engine) -> None:
    (outcome,) = send(engine, a_check_in())
    assert (outcome.status, codes(engine, outcome)) == ("stored", [None, None, None])


@pytest.mark.parametrize(
    "place",
    [(SPOT[1], SPOT[0]), (181.0, 0.0), (0.0, 90.5), (float("nan"), 0.0), (0.0, float("inf")), (1e308, -1e308)],
)
def test_what_is_no_place_on_earth_is_kept_in_quarantine_and_counts_nowhere(
    ground: Engine, place: tuple[float, float]
) -> None:
    bad = a_check_in(longitude=place[0], latitude=place[1])
    outcomes = send(ground, a_check_in(), bad, a_check_in(patroller="P2"), bad)
    assert statuses(outcomes) == ["stored", "stored", "stored", "repeated"]
    row = outcomes[1].row or {}
    assert (row["standing"], row["longitude"], row["street_id"]) == ("quarantined", None, None)
    assert len(fixes(ground)) == 2


def test_a_repeat_gives_the_same_answer_and_one_row(ground: Engine) -> None:
    sent = a_check_in(client_id="1", accuracy_m=5.0, patrol="a")
    (first,) = send(ground, sent)
    again = send(
        ground, a_check_in(client_id="1", accuracy_m=5.0, patrol="a", received_at=NOON + timedelta(days=1)), sent
    )
    assert statuses(again) == ["repeated", "repeated"]
    assert first.row is not None
    for outcome in again:
        assert outcome.row is not None
        assert {name: outcome.row[name] for name in first.row} == first.row
    assert len(fixes(ground)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"fix_at": NOON + timedelta(microseconds=1)},
        {"longitude": float(np.nextafter(SPOT[0], 180))},
        {"latitude": ELSEWHERE[1] + 0.1},
        {"crs": "gcj02"},
        {"accuracy_m": 6.0},
        {"accuracy_m": None},
    ],
)
def test_the_same_client_id_with_other_content_is_a_conflict(ground: Engine, change: dict[str, Any]) -> None:
    given = {"client_id": "1", "accuracy_m": 5.0, "patrol": "a"}
    send(ground, a_check_in(**given))
    before = fixes(ground)
    (outcome,) = send(ground, a_check_in(**{**given, **change}))
    assert outcome.status == "conflict"
    assert outcome.error is not None
    assert outcome.error.code == "ClientIdTaken"
    pd.testing.assert_frame_equal(fixes(ground), before)


def test_client_ids_are_each_persons_own(ground: Engine) -> None:
    outcomes = send(ground, a_check_in(client_id="1"), a_check_in(client_id="1", patroller="P2", accuracy_m=3.0))
    assert statuses(outcomes) == ["stored", "stored"]


def test_without_a_client_id_the_same_time_and_place_is_one_row(ground: Engine) -> None:
    in_utc = NOON.astimezone(UTC)
    sent = [a_check_in(accuracy_m=5.0), a_check_in(accuracy_m=9.0, patrol="x"), a_check_in(fix_at=in_utc)]
    assert statuses(send(ground, *sent)) == ["stored", "repeated", "repeated"]
    others = [
        a_check_in(patroller="P2"),
        a_check_in(fix_at=NOON + timedelta(seconds=1)),
        a_check_in(longitude=SPOT[0] + 1e-9),
        a_check_in(crs="gcj02"),
    ]
    assert statuses(send(ground, *others, *sent)) == ["stored"] * 4 + ["repeated"] * 3


def test_a_fix_has_the_cell_of_its_own_local_day(engine: Engine) -> None:
    lay(engine, date(2026, 11, 1))
    midnight = datetime(2026, 11, 1, tzinfo=ZONE)
    before, after = send(engine, a_check_in(fix_at=midnight - timedelta(seconds=1)), a_check_in(fix_at=midnight))
    assert codes(engine, before) == [None] * 3
    assert codes(engine, after) == list(CODES.values())


def test_names_fill_but_never_replace(ground: Engine) -> None:
    send(ground, a_check_in(), a_check_in(patroller="P2", patroller_name="李四"))
    send(ground, a_check_in(patroller_name="张三"), a_check_in(patroller="P2", patroller_name="别人"))
    with session_scope(ground) as session:
        assert dict(session.execute(select(Patroller.ref, Patroller.name)).all()) == {"P1": "张三", "P2": "李四"}


def test_the_order_and_cut_of_deliveries_change_nothing(ground: Engine) -> None:
    sent = [a_check_in(fix_at=NOON + timedelta(seconds=number % 7), patroller=f"P{number % 3}") for number in range(40)]
    shuffled = np.random.default_rng(7).permutation(len(sent)).tolist()
    for start in range(0, len(sent), 9):
        send(ground, *(sent[number] for number in shuffled[start : start + 9]))
    send(ground, *sent)
    assert len(fixes(ground)) == 21


def a_frame(rows: int, **columns: Any) -> pd.DataFrame:
    times = pd.Timestamp(NOON) + pd.to_timedelta(np.arange(rows), unit="s")
    frame = pd.DataFrame({"patroller_ref": "P1", "fix_at": times, "received_at": times})
    return frame.assign(longitude=SPOT[0], latitude=SPOT[1], **columns)


def test_a_frame_of_fixes_and_of_missing_values(ground: Engine) -> None:
    frame = a_frame(
        4,
        patroller_name=["张三", None, None, None],
        patrol_ref=["a", None, np.nan, "a"],
        client_id=["1", None, "1", "2"],
        accuracy_m=[5.0, np.nan, 1.0, 2.0],
        crs=["EPSG:4326", None, "EPSG:4326", "gcj02"],
    )
    frame.loc[3, ["longitude", "latitude"]] = OUTSIDE
    with session_scope(ground, write=True) as session:
        counts = store_fixes(session, frame, Settings())
    assert counts == {"stored": 3, "repeated": 0, "conflict": 1, "refused": 0, "outside": 1, "quarantined": 0}
    kept = fixes(ground)
    assert kept["accuracy_m"].isna().tolist() == [False, True, False]
    assert kept["patrol_id"].isna().tolist() == [False, True, False]
    assert kept["fix_at"].tolist() == frame["fix_at"].iloc[[0, 1, 3]].tolist()


def test_an_empty_frame(ground: Engine) -> None:
    with session_scope(ground, write=True) as session:
        assert set(store_fixes(session, a_frame(0), Settings()).values()) == {0}


def test_more_rows_than_a_statement_binds(ground: Engine) -> None:
    frame = a_frame(3000, client_id=[str(number) for number in range(3000)])
    for expected in ("stored", "repeated"):
        with session_scope(ground, write=True) as session:
            assert store_fixes(session, frame, Settings())[expected] == 3000
    with session_scope(ground) as session:
        assert session.scalar(select(func.count()).select_from(Fix)) == 3000
