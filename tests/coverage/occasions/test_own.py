from datetime import UTC, date, datetime

import pytest

from gisgrid.coverage.occasions.own import own_month
from gisgrid.database import session_scope
from gisgrid.sight import NOTHING
from tests.coverage.occasions.own_worlds import walked
from tests.laid import SUBSTATION, lay

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def walkers(engine, settings):
    """Two who walked."""
    lay(engine)
    return [walked(engine, settings, name) for name in ("wangwu", "zhaoliu")]


@pytest.mark.parametrize(("month", "check_ins"), [(date(2026, 11, 30), 2), (date(2026, 10, 1), 0)])
def test_it_tells_of_nobody_else_wherever_one_walked(engine, settings, walkers, month, check_ins):
    with session_scope(engine, sight=NOTHING) as session:  # as a person without a role
        found = own_month(session, settings, walkers[0], month, NOW)
    assert (found.street.check_ins, found.outside.check_ins) == (check_ins, 0)
    assert [cell.code for cell in found.cells] == [SUBSTATION] * bool(check_ins)
    assert (found.rounds.total(), found.looks) == (0, [])


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_who_never_walked_has_no_figures(engine, settings, walkers):
    with session_scope(engine) as session:
        found = own_month(session, settings, 10**6, date(2026, 11, 30), NOW)
    assert (found.street, found.outside, found.cells) == (None, None, [])
