"""Somebody with an account who stayed ten minutes at a place on a November day."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from gisgrid.database import session_scope
from gisgrid.patrols.arrival.check_in import store_fixes
from tests.laid import SPOT
from tests.patrols.plans.worlds import a_walker

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)


def walked(engine, settings, name):
    """Hire somebody who walks; return the row of the person."""
    person = a_walker(engine, name)
    times = pd.to_datetime([NOON, NOON + timedelta(minutes=10)], utc=True)
    frame = pd.DataFrame({"patroller_ref": name, "fix_at": times, "received_at": times, "accuracy_m": 5.0})
    frame = frame.assign(longitude=SPOT[0], latitude=SPOT[1])
    with session_scope(engine, write=True) as session:
        assert store_fixes(session, frame, settings)["stored"] == 2
    return person
