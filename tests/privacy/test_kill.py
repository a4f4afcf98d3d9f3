"""The process is killed for good while it seals; the next one goes on."""

import signal
import subprocess
import sys

import pytest

from gisgrid.patrols.tables import Fix
from tests.privacy.worlds import NOW, ground, retain, rows, sealed, sums, walk


@pytest.mark.parametrize(
    ("number", "moment", "days", "left"),
    [
        (0, "after_commit", 1, 5),
        pytest.param(0, "before_commit", 0, 7, marks=pytest.mark.long),
        pytest.param(1, "after_commit", 1, 3, marks=pytest.mark.long),
    ],
)
def test_killed_while_it_seals(engine, database_url, settings, number, moment, days, left):
    ground(engine)
    walk(engine, 62, "SW", "SE", "SW", "SE", "SW")
    walk(engine, 61, "NE", "outside")
    before = sums(engine, settings)
    engine.dispose()
    command = [sys.executable, "-m", "tests.privacy.runner", database_url, NOW.isoformat(), str(number), moment]
    died = subprocess.run(command, check=False, timeout=120)
    assert died.returncode == -signal.SIGKILL
    assert (len(sealed(engine)), rows(engine, Fix), sums(engine, settings)) == (days, left, before)
    retain(engine, settings)
    assert (len(sealed(engine)), rows(engine, Fix), sums(engine, settings)) == (2, 0, before)
