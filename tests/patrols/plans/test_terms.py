import json
from datetime import time

import pytest

from gisgrid.errors import Refused
from gisgrid.patrols.plans.terms import Place, RoundsDoNotFit, Terms, TimesTooClose, TimesUnclear, require_sound
from tests.patrols.plans.builders import a_window, terms


@pytest.mark.parametrize(
    "its",
    [
        terms(),
        terms(at=("09:00", "10:00")),  # the second begins as the first ends
        terms(at=("00:30", "23:30")),
        terms(at=("00:00",), duration_min=24 * 60),
        terms(windows=("08:00-12:00",), times_a_day=4),
        terms(windows=("08:00-12:00", "22:00-02:00"), times_a_day=8),
        terms(windows=("12:00-22:00", "22:00-12:00"), times_a_day=24),
        terms(windows=("08:00-08:00",), times_a_day=24),
    ],
)
def test_terms_that_can_be_kept(its: Terms) -> None:
    require_sound(its)


@pytest.mark.parametrize(
    ("its", "error"),
    [
        (terms(at=()), TimesUnclear),
        (terms(at=("09:00",), windows=("08:00-12:00",), times_a_day=1), TimesUnclear),
        (terms(at=("09:00",), times_a_day=1), TimesUnclear),
        (terms(windows=("08:00-12:00",)), TimesUnclear),
        (terms(at=("09:00", "09:59")), TimesTooClose),
        (terms(at=("00:00", "23:30")), TimesTooClose),  # over midnight
        (terms(windows=("08:00-12:00", "11:59-13:00"), times_a_day=1), TimesTooClose),
        (terms(windows=("22:00-02:00", "01:00-04:00"), times_a_day=1), TimesTooClose),
        (terms(windows=("08:00-12:00",), times_a_day=5), RoundsDoNotFit),
        (terms(windows=("08:00-08:59", "09:00-09:59"), times_a_day=1), RoundsDoNotFit),
    ],
)
def test_terms_that_cannot(its: Terms, error: type[Refused]) -> None:
    with pytest.raises(error):
        require_sound(its)


@pytest.mark.parametrize(("text", "minutes"), [("08:00-12:00", (480, 720)), ("22:00-02:00", (1320, 1560))])
def test_a_window_may_last_past_midnight(text: str, minutes: tuple[int, int]) -> None:
    assert a_window(text).minutes == minutes


def test_they_come_back_as_they_were_stored() -> None:
    its = terms(
        windows=("08:00-12:00", "22:00-02:00"),
        times_a_day=3,
        weekdays=(1, 5),
        every_days=2,
        places=(Place("cell", "440307009"), Place("checkpoint", "码头-1")),
    )
    assert Terms.of(json.loads(json.dumps(its.kept()))) == its
    assert Terms.of(terms(at=("09:00",)).kept()).at == (time(9),)
