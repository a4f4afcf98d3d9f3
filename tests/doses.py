"""How much is tried: little enough in the ordinary run to be run often, ten times as much in the long one."""

from collections.abc import Sequence
from pathlib import Path

import hypothesis
import pytest

LONG, ORDINARY = "long", "not long"
DATABASE = "database_url"
IN_TURN = frozenset(
    {
        *("pages", "publications", "notices", "patrols", "incidents", "staff", "sample", "batch", "occasions"),
        *("test_nasty.py", "test_serve.py"),
    }
)
"""Folders and files of tests that go through the whole application."""
EXAMPLES = 30
FIGURES = "figures"
"""The property (`record_property`) under which a test tells what it has measured, at the end of the run."""

hypothesis.settings.register_profile("here", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True, print_blob=True)
hypothesis.settings.register_profile(LONG, deadline=None, max_examples=10 * EXAMPLES)


def dose(examples: int, in_the_long_run: int | None = None) -> int:
    """Return how many examples a slow property tries in this run: ten times as many in the long one, or as many."""
    is_long = hypothesis.settings.get_current_profile_name() == LONG
    return (in_the_long_run or 10 * examples) if is_long else examples


def dealt(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests of the ordinary run, and those left to the long one.

    Of a table of cases the first is tried on both databases, each of the others on one of the two in turn. So is each
    test of IN_TURN: what it asks of a database is tried on both where it is done, or by its neighbours.
    """
    cases: dict[tuple[Path, str], dict[str, dict[str, pytest.Item]]] = {}
    for item in items:
        call = getattr(item, "callspec", None)
        if call is not None and DATABASE in call.params:
            case = call.id.replace(call.params[DATABASE], "", 1)
            of_its_test = cases.setdefault((item.path, getattr(item, "originalname", "")), {})
            of_its_test.setdefault(case, {})[call.params[DATABASE]] = item
    spared = {
        found[sorted(found)[(turn + number) % 2]]
        for turn, ((path, _), of_its_test) in enumerate(cases.items())
        for number, found in enumerate(of_its_test.values())
        if len(found) > 1 and (number or IN_TURN & set(path.parts))
    }
    return [item for item in items if item not in spared], [item for item in items if item in spared]
