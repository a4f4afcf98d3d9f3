from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gisgrid.coverage.schemas import Interval
from gisgrid.coverage.told.periods import in_period_words

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("start", "end", "zh", "en"),
    [
        ("2026-11-01T00:00", "2026-12-01T00:00", "2026年11月", "2026-11"),
        ("2028-02-01T00:00", "2028-03-01T00:00", "2028年2月", "2028-02"),
        ("2026-11-23T00:00", "2026-11-24T00:00", "2026年11月23日", "2026-11-23"),
        ("2026-11-01T00:00", "2026-11-30T00:00", "2026年11月1日至11月29日(29天)", "2026-11-01 to 2026-11-29 (29 days)"),
        (
            "2026-12-29T00:00", "2027-01-05T00:00",
            "2026年12月29日至2027年1月4日(7天)", "2026-12-29 to 2027-01-04 (7 days)",
        ),
        (
            "2026-11-25T08:00", "2026-11-26T08:00",
            "2026年11月25日08:00至2026年11月26日08:00", "2026-11-25 08:00 to 2026-11-26 08:00",
        ),
        (
            "2026-11-25T00:00", "2026-11-25T00:00",
            "2026年11月25日00:00至2026年11月25日00:00", "2026-11-25 00:00 to 2026-11-25 00:00",
        ),
    ],
)  # fmt: skip
def test_a_period_as_an_office_writes_it(start, end, zh, en):
    period = Interval(start=datetime.fromisoformat(f"{start}+08:00"), end=datetime.fromisoformat(f"{end}+08:00"))
    told = in_period_words(period, ZONE)
    assert (told.zh, told.en) == (zh, en)
