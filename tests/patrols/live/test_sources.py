"""Gaps are told as they open, go up and close, in one's own cells; counts by cell of whom a place is known."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.live.sources import SOURCES
from gisgrid.patrols.plans.gaps import settle_gaps
from gisgrid.patrols.plans.tables import Gap
from gisgrid.settings import Settings
from tests.laid import SUBSTATION
from tests.patrols.asking import CHECK_INS, Asking, a_fix, ago, somebody
from tests.patrols.plans.worlds import planned, store_two

NOW = "/api/live/now"


@pytest.fixture
def cadre(ground: Engine, client: TestClient, engine: Engine) -> Asking:
    return somebody(client, engine, "cadre", name="cadre")


def missed(engine: Engine) -> None:
    """Have rounds at C1 missed two days ago and before."""
    store_two(engine)
    now = datetime.now(UTC)
    first = (now - timedelta(days=3)).date()
    planned(engine, at=("00:00",), duration_min=60, grace_min=0, first_day=first)
    settle_gaps(engine, Settings(), Period(now - timedelta(days=3), now - timedelta(days=1)), now)


def test_open_gaps_are_told_to_whoever_answers_for_the_cell(cadre: Asking, engine: Engine) -> None:
    asked = {"only": "gaps"}
    missed(engine)
    far = somebody(cadre.client, engine, "cadre", name="far", cell="440307009003")
    gaps = cadre.get(NOW, **asked)["states"]["gaps"]
    assert len(gaps) >= 1
    gap = next(iter(gaps.values()))
    assert {name: gap[name] for name in ("kind", "code", "place", "cell", "level")} == {
        "kind": "checkpoint", "code": "C1", "place": "码头", "cell": SUBSTATION, "level": "substation",
    }  # fmt: skip
    assert far.get(NOW, **asked)["states"]["gaps"] == {}
    with session_scope(engine, write=True) as session:
        session.execute(update(Gap).values(closed_as="reason", closed_at=datetime.now(UTC), reason="台风"))
    assert cadre.get(NOW, **asked)["states"]["gaps"] == {}


def test_what_changes_a_gap_changes_the_version(cadre: Asking, engine: Engine) -> None:
    version = next(each.version for each in SOURCES if each.name == "gaps")
    assert version is not None

    def now() -> object:
        with session_scope(engine) as session:
            return version(session)

    seen = [now()]
    missed(engine)
    seen.append(now())
    for change in ({"level": "community", "level_since": datetime.now(UTC)}, {"closed_as": "reason"}):
        with session_scope(engine, write=True) as session:
            session.execute(update(Gap).values(**change))
        seen.append(now())
    assert len(set(seen[:3])) == 3
    assert seen[3] == seen[0]


def test_on_duty_is_counted_by_cell_where_a_place_is_known(cadre: Asking, engine: Engine) -> None:
    walkers = [somebody(cadre.client, engine, "patroller", name=name) for name in ("one", "two", "three")]
    for walker in walkers:
        walker.sign_on(started_at=ago(hours=1).isoformat())
    for walker in walkers[:2]:
        walker.post(CHECK_INS, a_fix("1", ago(minutes=5)))
    duty = cadre.get(NOW, only="duty")["states"]["duty"]
    assert duty == {"on_duty": 3, "silent": 0, "cells": {SUBSTATION: 2}}
