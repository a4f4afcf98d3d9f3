from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from gisgrid.batch.days import column_of, holds_times, local_days
from gisgrid.intake.imports import NoSuchColumn

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE = datetime(2026, 11, 22, 15, 59, 59)  # noqa: DTZ001 - a moment without a zone is meant


@pytest.mark.parametrize(
    ("values", "kind", "days"),
    [
        ([LATE.replace(tzinfo=UTC)], pa.timestamp("us", "UTC"), ["2026-11-22"]),
        ([datetime(2026, 11, 22, 16, tzinfo=UTC)], pa.timestamp("us", "UTC"), ["2026-11-23"]),
        ([datetime(2026, 11, 22, 16, tzinfo=UTC), None], pa.timestamp("s", "Asia/Tokyo"), ["2026-11-23", None]),
        ([LATE, None], pa.timestamp("ns"), ["2026-11-22", None]),
        ([date(2026, 11, 22), None], pa.date32(), ["2026-11-22", None]),
        (["2026-11-22T15:59:59Z", "2026-11-22T16:00:00Z"], pa.string(), ["2026-11-22", "2026-11-23"]),
        (["2026-11-22T23:30:00", "2026-11-22 23:30", "2026-11-22"], pa.string(), ["2026-11-22"] * 3),
        (["2026-11-22T23:30:00-01:00", "2026-11-22 18:00+00"], pa.large_string(), ["2026-11-23"] * 2),
        (["20261122T233000+0900", "nonsense", "", None], pa.string(), ["2026-11-22", None, None, None]),
        ([None, None], pa.string(), [None, None]),
        ([None, None], pa.null(), [None, None]),
        (["2026-11-22", None], pa.dictionary(pa.int8(), pa.string()), ["2026-11-22", None]),
        (["2026-11-22 23:30"], pa.string_view(), ["2026-11-22"]),
        ([], pa.timestamp("us"), []),
    ],
)
def test_days_are_local(values: list[object], kind: pa.DataType, days: list[str | None]) -> None:
    assert holds_times(kind)
    found = local_days(pa.chunked_array([pa.array(values, kind)]), SHANGHAI)
    assert found.dtype == "datetime64[D]"
    assert [None if day is None else str(day) for day in found.tolist()] == days


def test_a_night_that_is_longer_or_shorter_has_its_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 3, 29, 22, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC)]
    column = pa.chunked_array([pa.array(moments, pa.timestamp("us", "UTC"))])
    assert [str(day) for day in local_days(column, berlin).tolist()] == ["2026-03-30", "2026-10-25"]


@pytest.mark.parametrize(
    ("wanted", "found"), [(None, "Time"), ("patrol", "patrol"), ("PATROL", "patrol"), ("time", "Time")]
)
def test_a_column_is_found_by_its_name_or_a_usual_one(wanted: str | None, found: str) -> None:
    schema = pa.schema([("patrol", pa.string()), ("Time", pa.string())])
    assert column_of(schema, wanted, ("fix_at", "time")) == found


def test_a_column_that_is_not_there() -> None:
    schema = pa.schema([("patrol", pa.string())])
    assert column_of(schema, None, ("fix_at",)) is None
    with pytest.raises(NoSuchColumn, match="patrol"):
        column_of(schema, "when", ("patrol",))


def test_numbers_are_no_times() -> None:
    assert not holds_times(pa.int64())
    assert not holds_times(pa.dictionary(pa.int8(), pa.int64()))
