from datetime import datetime, timedelta

import pandas as pd
import pytest

from gisgrid.coverage.heat import SeenSquares
from gisgrid.coverage.public import PublicPeriod, for_public, public_period, squares_for_public
from gisgrid.coverage.schemas import CellFigures, Counts, CoverageReport
from gisgrid.parameters import Period
from gisgrid.settings import Settings

SETTINGS = Settings()


def cell(**figures: float | None) -> CellFigures:
    given = dict.fromkeys(CellFigures.model_fields, 0) | {"code": "1", "name": "", "level": "street"} | figures
    return CellFigures.model_construct(**given)


def shown(**figures: float | None) -> CellFigures:
    report = CoverageReport.model_construct(
        cells=[cell(**figures)], notes=[], outside=Counts(check_ins=1, patrollers=1, patrols=1), excluded=None
    )
    public = for_public(report)
    assert (public.outside, len(public.notes)) == (None, 1)
    return public.cells[0]


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1003, 1005), (None, None)],
)
@pytest.mark.parametrize("name", ["check_ins", "patrollers", "patrols", "visits"])
def test_small_counts_are_left_out_and_others_are_multiples_of_five(
    name: str, count: int | None, told: int | None
) -> None:
    assert getattr(shown(**{name: count}), name) == told


@pytest.mark.parametrize(
    ("people", "dwell_s", "told"), [(4, 9000.0, None), (5, 9000.0, 7200), (9, 9001.0, 10800), (0, 0.0, 0)]
)
def test_how_long_few_people_stayed_is_not_told(people: int, dwell_s: float, told: float | None) -> None:
    assert shown(patrollers=people, dwell_s=dwell_s).dwell_s == told


def test_how_much_was_reached_is_told() -> None:
    assert shown(patrollers=1, coverage_ratio=0.25, covered_area_m2=7.0).coverage_ratio == 0.25


def test_the_public_has_the_days_up_to_yesterday_and_no_others() -> None:
    only = public_period(None, SETTINGS)
    today = datetime.now(SETTINGS.zone).date()
    assert only == Period.last_days(30, today - timedelta(days=1), SETTINGS.zone)
    assert public_period(only, SETTINGS) == only
    for days, until in ((30, today), (1, today), (29, today - timedelta(days=1))):
        with pytest.raises(PublicPeriod, match="登录"):
            public_period(Period.last_days(days, until, SETTINGS.zone), SETTINGS)


def test_squares_that_few_days_saw_are_not_told() -> None:
    seen = SeenSquares(100, 30, pd.DataFrame({"number": range(6), "days": [1, 4, 5, 7, 8, 30]}))
    assert squares_for_public(seen).squares["days"].tolist() == [5, 5, 10, 30]
