"""The check-ins of today are counted by cell, exactly, whatever comes in, is changed or goes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import Engine, delete, func, select, update

from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.patrols.arrival.check_in import store_fixes
from gisgrid.patrols.live import arrivals as module
from gisgrid.patrols.live.arrivals import arrivals
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING, NOTHING, Cells, Sight
from tests.laid import ELSEWHERE, SPOT, SUBSTATION, lay
from tests.patrols.plans.worlds import AWAY

SETTINGS = Settings()
NOON = datetime(2026, 11, 10, 12, tzinfo=ZoneInfo(SETTINGS.timezone))
YESTERDAY = NOON - timedelta(days=1)
OUTSIDE = (120.0, 10.0)


@pytest.fixture(autouse=True)
def laid(engine: Engine) -> None:
    lay(engine)


def come_in(engine: Engine, *moments: datetime, place: tuple[float, float] = SPOT, who: str = "zhangsan") -> None:
    frame = pd.DataFrame(
        {
            "patroller_ref": who,
            "fix_at": pd.to_datetime(list(moments), utc=True),
            "received_at": pd.Timestamp(NOON),
            "longitude": place[0],
            "latitude": place[1],
            "accuracy_m": 5.0,
        }
    )
    with session_scope(engine, write=True) as session:
        store_fixes(session, frame, SETTINGS)


def told(engine: Engine, sight: Sight = EVERYTHING, now: datetime = NOON) -> dict[str, int]:
    with session_scope(engine, sight=sight) as session:
        return arrivals(session, SETTINGS, now)


def hours(*numbers: float) -> list[datetime]:
    return [NOON.replace(hour=0) + timedelta(hours=number) for number in numbers]


def test_those_of_today_are_counted_and_no_others(engine: Engine) -> None:
    assert told(engine) == {}
    come_in(engine, *hours(-0.01, 0, 8, 23.99, 24))
    come_in(engine, *hours(9), place=ELSEWHERE)
    come_in(engine, *hours(9), place=OUTSIDE)
    assert told(engine) == {SUBSTATION: 3, AWAY: 1}
    assert told(engine, now=NOON + timedelta(days=1)) == {SUBSTATION: 1}
    assert told(engine, now=YESTERDAY) == {SUBSTATION: 1}


def test_whatever_happens_in_between_it_is_what_counting_anew_gives(engine: Engine) -> None:
    def count() -> dict[str, int]:
        kept = told(engine)
        module._days.clear()
        assert told(engine) == kept
        return kept

    come_in(engine, *hours(1, 2))
    assert count() == {SUBSTATION: 2}
    come_in(engine, *hours(3), place=ELSEWHERE)
    come_in(engine, YESTERDAY)
    assert count() == {SUBSTATION: 2, AWAY: 1}
    with session_scope(engine, write=True) as session:  # one is doubted, as another comes in
        first = session.scalars(select(func.min(Fix.id))).one()
        session.execute(update(Fix).where(Fix.id == first).values(standing="quarantined"))
    come_in(engine, *hours(4))
    assert count() == {SUBSTATION: 2, AWAY: 1}
    with session_scope(engine, write=True) as session:
        session.execute(delete(Fix).where(Fix.id == first))
    come_in(engine, *hours(5, 6), who="lisi")
    assert count() == {SUBSTATION: 4, AWAY: 1}


def test_new_ones_alone_are_read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    between = module._between

    def noted(session: object, period: object, after: int, last: int) -> object:
        read.append(after)
        return between(session, period, after, last)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_between", noted)
    come_in(engine, *hours(1, 2))
    told(engine)
    come_in(engine, *hours(3))
    assert [told(engine), told(engine)] == [{SUBSTATION: 3}] * 2
    assert len(read) == 2
    assert read[0] == 0 < read[1]


def test_in_one_s_own_cells_alone(engine: Engine) -> None:
    come_in(engine, *hours(1, 2))
    come_in(engine, *hours(3), place=ELSEWHERE)
    with session_scope(engine) as session:
        rows = frozenset(session.scalars(select(Cell.id).where(Cell.code == AWAY)))
    assert told(engine, Sight(answers=Cells(substations=rows))) == {AWAY: 1}
    assert told(engine, NOTHING) == {}
