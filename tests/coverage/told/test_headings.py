from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gisgrid.coverage.definitions import definitions
from gisgrid.coverage.schemas import CellFigures
from gisgrid.coverage.told.headings import ANNEX, HEADINGS, LABELS, number, written
from gisgrid.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)


def test_every_figure_has_a_heading_and_every_definition_a_label():
    assert list(HEADINGS) == list(CellFigures.model_fields)
    assert set(ANNEX) <= set(HEADINGS)
    assert {each.name for each in definitions(Settings())} <= set(LABELS)
    assert len({heading.zh for heading in HEADINGS.values()}) == len(HEADINGS)


@pytest.mark.parametrize(
    ("name", "value", "text", "kept"),
    [
        ("check_ins", 1234, "1,234", 1234),
        ("check_ins", None, "n/a", "n/a"),
        ("dwell_s", 5400.0, "1.5", 1.5),
        ("covered_area_m2", 1_250_000.0, "1.25", 1.25),
        ("coverage_ratio", 0.93724, "93.7%", 0.93724),
        ("redundancy", 3.456, "3.46", 3.456),
        ("seen_last_at", NOON, "2026-11-02 12:00", NOON.astimezone(ZONE).replace(tzinfo=None)),
        ("name", "=1", "=1", "=1"),
    ],
)
def test_figures_as_people_read_them(name, value, text, kept):
    assert written(name, value, ZONE) == text
    assert number(name, value, ZONE) == kept
