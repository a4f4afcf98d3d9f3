from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.grid.locate import NoSuchCell
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.check_in import CheckIn, check_in
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.settings import Settings
from tests.laid import CODES, ELSEWHERE, OUTSIDE, SPOT, STREET, SUBSTATION

ZONE = ZoneInfo("Asia/Shanghai")
DAWN = datetime(2026, 11, 1, 6, 0, 0, 123456, UTC)
COLUMNS = {
    "id": "int64",
    "client_id": "object",
    "patroller_id": "int64",
    "patrol_id": "Int64",
    "fix_at": "datetime64[us, UTC]",
    "received_at": "datetime64[us, UTC]",
    "longitude": "float64",
    "latitude": "float64",
    "accuracy_m": "float64",
    "flags": "int64",
    "street_code": "object",
    "community_code": "object",
    "substation_code": "object",
}


@pytest.fixture
def walked(ground: Engine) -> Engine:
    places = [SPOT, ELSEWHERE, OUTSIDE, SPOT]
    sent = [
        CheckIn(f"P{number % 2}", DAWN + timedelta(hours=number), DAWN, *place, client_id="abcd"[number])
        for number, place in enumerate(places)
    ]
    with session_scope(ground, write=True) as session:
        check_in(session, sent[::-1], Settings())
    return ground


def found(engine: Engine, **asked: Any) -> pd.DataFrame:
    with session_scope(engine) as session:
        return fixes_frame(session, **asked)


def test_the_columns_and_what_is_missing(walked: Engine) -> None:
    frame = found(walked)
    assert frame.dtypes.astype(str).to_dict() == COLUMNS
    assert frame["client_id"].tolist() == list("abcd")
    assert frame["fix_at"].tolist() == [DAWN + timedelta(hours=number) for number in range(4)]
    assert frame["received_at"].tolist() == [DAWN] * 4
    assert frame.loc[0, list(CODES)].to_dict() == CODES
    assert frame.loc[2, list(CODES)].tolist() == [None] * 3
    assert frame["accuracy_m"].isna().all()
    assert frame["patrol_id"].isna().all()
    assert tuple(frame.loc[0, ["longitude", "latitude"]]) == SPOT


def test_none_have_the_same_columns(ground: Engine) -> None:
    assert found(ground).dtypes.astype(str).to_dict() == COLUMNS


def test_whole_seconds_and_fractions_together(ground: Engine) -> None:
    moments = [DAWN.replace(microsecond=0), DAWN, datetime(1901, 1, 1, tzinfo=UTC), datetime(8999, 12, 31, tzinfo=UTC)]
    with session_scope(ground, write=True) as session:
        check_in(session, [CheckIn("P", moment, moment, *SPOT) for moment in moments], Settings())
    assert found(ground)["fix_at"].tolist() == sorted(moments)


@pytest.mark.parametrize(
    ("asked", "clients"),
    [
        ({"cell": SUBSTATION}, "ad"),
        ({"cell": STREET}, "abd"),
        ({"patroller": "P1"}, "bd"),
        ({"period": Period(DAWN + timedelta(hours=1), DAWN + timedelta(hours=3))}, "bc"),
        ({"period": Period(DAWN, DAWN)}, ""),
        ({"cell": STREET, "patroller": "P0", "period": Period(DAWN, DAWN + timedelta(days=1))}, "a"),
    ],
)
def test_filters(walked: Engine, asked: dict[str, Any], clients: str) -> None:
    assert "".join(found(walked, **asked)["client_id"]) == clients


def test_a_cell_that_is_none(walked: Engine) -> None:
    with pytest.raises(NoSuchCell):
        found(walked, cell="x")
