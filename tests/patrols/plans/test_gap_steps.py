"""Who answers for a gap at first, and when it goes up."""

from datetime import timedelta
from typing import Any

import pytest

from gisgrid.patrols.plans.gap_steps import GapStep, add_step, first_level, goes_up, level_above, steps_of
from gisgrid.patrols.plans.tables import Gap
from tests.patrols.plans.builders import NINE, after_nine

LIMIT = timedelta(hours=2)


@pytest.mark.parametrize(
    ("cells", "level"),
    [
        ((1, 2, 3), "substation"),
        ((1, 2, None), "community"),
        ((1, None, None), "street"),
        ((None, None, None), "street"),
    ],
)
def test_the_lowest_cell_answers_first(cells: Any, level: str) -> None:
    assert first_level(cells) == level


def test_it_goes_up_to_the_street_and_no_further() -> None:
    assert level_above("substation") == "community"
    assert level_above("community") == "street"
    assert level_above("street") is None


@pytest.mark.parametrize(
    ("closed_as", "level", "minutes", "is_due"),
    [
        (None, "substation", 120, False),
        (None, "substation", 121, True),
        (None, "community", 121, True),
        (None, "street", 9999, False),
        ("reason", "substation", 9999, False),
        ("visit", "community", 9999, False),
    ],
)
def test_when_it_goes_up(closed_as: Any, level: Any, minutes: int, is_due: bool) -> None:
    assert goes_up(closed_as, level, NINE, after_nine(minutes), LIMIT) is is_due


def test_steps_are_added_and_none_is_taken_back() -> None:
    gap = Gap(level="community", level_since=NINE, steps="[]")
    add_step(gap, GapStep("visited", after_nine(30), "community", after_nine(10)))
    assert (gap.level, gap.level_since) == ("community", NINE)
    add_step(gap, GapStep("reopened", after_nine(60), "community"))
    assert gap.level_since == after_nine(60)
    add_step(gap, GapStep("explained", after_nine(90), "community", words="台风"))
    steps = steps_of(gap.steps)
    assert [step["act"] for step in steps] == ["visited", "reopened", "explained"]
    assert steps[0]["visited_at"] == after_nine(10).isoformat()
    assert steps[2] == {
        "act": "explained", "at": after_nine(90).isoformat(), "level": "community", "words": "台风",
    }  # fmt: skip
