"""Suggested rounds in a town: from where, to what, for whom, and until when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.grid.own.read import Read
from gisgrid.grid.own.store import Wish, store_own
from gisgrid.parameters import Period
from gisgrid.patrols.people import NoSuchPatroller
from gisgrid.patrols.plans.gaps import settle_gaps
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.suggest.find import ground_of, start_of
from gisgrid.patrols.suggest.present import own_suggestion, suggestions_now
from gisgrid.patrols.suggest.schemas import SuggestionRecord
from gisgrid.patrols.suggest.suggest import NothingToVisit, suggest
from gisgrid.patrols.suggest.unseen import idleness, squares_of
from gisgrid.sight import EVERYTHING, Sight
from tests.laid import SPOT, STREET, SUBSTATION
from tests.patrols.plans.builders import DAY
from tests.patrols.plans.worlds import AWAY, EVENING, SETTINGS, a_walker, planned, sight_in, walked
from tests.staff.builders import audited

C1, C9 = Place("checkpoint", "C1"), Place("checkpoint", "C9")


@pytest.fixture
def zhang(town: Engine) -> int:
    """Somebody who walks in the station of C1, where the round of nine was missed."""
    person = a_walker(town, "zhang")
    planned(town, first_day=DAY, last_day=DAY, places=(C1, C9))
    settle_gaps(town, SETTINGS, Period(EVENING - timedelta(days=8), EVENING), EVENING)
    return person


def suggested(
    engine: Engine,
    person: int,
    minutes: int = 60,
    *,
    sight: Sight = EVERYTHING,
    seed: int = 1,
    later: float = 0,
    **changes: Any,
) -> SuggestionRecord:
    """Suggest a round to a person in the evening, or some hours later."""
    chosen, now = SETTINGS.model_copy(update=changes), EVENING + timedelta(hours=later)
    with session_scope(engine, write=True, sight=sight) as session:
        is_own = sight.everything
        made = suggest(session, chosen, OPERATOR, person, minutes, now, is_own=is_own, rng=Random(seed))
        return suggestions_now(session, now, ids=(made.id,))[0]


def reached(round_: SuggestionRecord) -> list[tuple[str, ...]]:
    return [(each.kind, each.code) for each in round_.places]


def test_it_goes_to_the_gap_in_ones_cells_within_the_time(town: Engine, zhang: int) -> None:
    found = suggested(town, zhang)
    assert ("checkpoint", "C1") in reached(found)
    assert ("checkpoint", "C9") not in reached(found)
    assert found.total_s <= 3600
    assert (found.started_from, found.is_by_ways, found.detour) == ("cell", False, 1.3)
    assert found.line[0] == pytest.approx((found.longitude, found.latitude), abs=1e-5)
    (entry,) = audited(town, "suggestion.made")
    assert entry.detail == {"person": zhang, "minutes": 60, "places": len(found.places)}


def test_it_begins_at_the_last_position_while_that_is_fresh(town: Engine, zhang: int) -> None:
    walked(town, zhang, 9 * 60 + 30)
    found = suggested(town, zhang)
    assert (found.started_from, found.longitude, found.latitude) == ("position", *SPOT)
    assert suggested(town, zhang, later=3).started_from == "cell"


def test_the_same_draw_gives_the_same_round_and_others_differ(town: Engine, zhang: int) -> None:
    rounds = [reached_at(suggested(town, zhang, seed=seed)) for seed in (1, 1, 2, 3)]
    assert rounds[0] == rounds[1]
    assert len({tuple(each) for each in rounds}) > 1


def reached_at(round_: SuggestionRecord) -> list[tuple[float, float]]:
    return [(each.longitude, each.latitude) for each in round_.places]


def test_ground_that_was_seen_lately_gains_less(town: Engine, zhang: int) -> None:
    def idle() -> list[float]:
        with session_scope(town) as session:
            ground = ground_of(session, SETTINGS, zhang, EVERYTHING, EVENING)
            start = start_of(session, SETTINGS, zhang, ground, EVENING)
            squares = squares_of(session, SETTINGS, ground, start, 300)
            return sorted(idleness(session, SETTINGS, squares, EVENING).tolist())

    assert set(idle()) == {1.0}
    walked(town, zhang, 10 * 60 - 3.5 * 24 * 60)
    assert idle()[:2] == [pytest.approx(0.5, abs=0.01), 1.0]
    walked(town, "P9", 60)
    assert idle()[:2] == [0.0, 1.0]


def test_a_round_over_ground_long_unseen_says_how_much_of_it(town: Engine, zhang: int) -> None:
    seen = [each for each in suggested(town, zhang, 240).places if "unseen" in each.why]
    assert seen
    assert all(each.squares for each in seen)


def test_staff_send_those_who_walk_in_their_cells_and_no_others(town: Engine, zhang: int) -> None:
    mine, other = sight_in(town, "station_staff", SUBSTATION), sight_in(town, "station_staff", AWAY)
    assert suggested(town, zhang, sight=mine).person == "zhang"
    with pytest.raises(NoSuchPatroller):
        suggested(town, zhang, sight=other)
    with session_scope(town, sight=other) as session:
        assert suggestions_now(session, EVENING) == []
    with session_scope(town, sight=mine) as session:
        assert len(suggestions_now(session, EVENING)) == 1


def test_whoever_walks_nowhere_is_sent_nowhere(town: Engine) -> None:
    with pytest.raises(NoSuchPatroller):
        suggested(town, a_walker(town, "clerk", STREET, "cadre"))


def test_in_no_time_there_is_nothing_to_visit(town: Engine) -> None:
    with pytest.raises(NothingToVisit):
        suggested(town, a_walker(town, "li"), 10, walking_kmh=0.01)


def test_it_holds_until_the_end_of_the_day(town: Engine, zhang: int) -> None:
    made = suggested(town, zhang)
    newest = suggested(town, zhang, seed=2)
    with session_scope(town) as session:
        own = own_suggestion(session, zhang, EVENING)
        assert own is not None
        assert (own.id, own.expires_at) == (newest.id, datetime(2026, 11, 26, 16, tzinfo=UTC))
        assert own_suggestion(session, zhang, made.expires_at) is None
        assert suggestions_now(session, made.expires_at) == []


# --- ways ------------------------------------------------------------------------------------------


def ways(engine: Engine, lines: Sequence[object]) -> None:
    read = Read(np.array([shapely.LineString(line) for line in lines]), [""] * len(lines))
    store_own(engine, OPERATOR, Wish("ways", is_walkable=True), read)


def test_over_ways_it_follows_them(town: Engine, zhang: int) -> None:
    x, y = SPOT
    ways(town, [[[x - 0.01, y], [x + 0.01, y]], [[x, y - 0.01], [x, y], [x, y + 0.01]]])
    assert suggested(town, zhang).is_by_ways
