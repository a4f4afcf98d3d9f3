"""Random walks of the loop: whoever tries whatever in whatever order, the record and the row tell one story."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.incidents.calendar.stored import calendar_of
from gisgrid.incidents.clock import reading
from gisgrid.incidents.lifecycle import DONE, RULES
from gisgrid.incidents.loop.standing import Wish, case_of, limit_of
from gisgrid.incidents.loop.steps import steps_of, ticks, workers
from gisgrid.incidents.loop.transitions import MovedMeanwhile, move
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reports import INCIDENT, require_incident
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING, visible
from gisgrid.staff.caller import Caller, roles_of, sight_for
from tests.incidents.loop.office import DEPARTMENT, KIND
from tests.laid import SPOT, STREET, SUBSTATION
from tests.staff.callers import person

STAFF = (
    ("station_staff", SUBSTATION, None),
    ("community_leader", "440307009002", None),
    ("street_leader", STREET, None),
    ("department_staff", STREET, DEPARTMENT),
    ("patroller", SUBSTATION, None),
    ("supervision", STREET, None),
)
WISHES = st.builds(
    Wish,
    move=st.sampled_from(list(RULES)),
    words=st.sampled_from(["", "到场", "不属实"]),
    condition=st.sampled_from(["1", "99", None]),
    departments=st.sampled_from([(DEPARTMENT,), (DEPARTMENT, "fire"), ()]),
    person=st.none(),
    cell=st.sampled_from([None, STREET, "440307009002002"]),
    into=st.sampled_from([None, 1, 2]),
    until=st.sampled_from([None, datetime.now(UTC).date() + timedelta(days=30)]),
    score=st.sampled_from([None, 3]),
    longitude=st.just(SPOT[0]),
    latitude=st.just(SPOT[1]),
)


class Walks(RuleBasedStateMachine):
    """Two incidents, moved by anybody, now and then with an old revision."""

    def __init__(self, engine: Engine, settings: Settings, callers: list[Caller]) -> None:
        super().__init__()
        self.engine, self.settings, self.callers = engine, settings, callers
        now = datetime.now(UTC)
        sent = [Report(KIND, now, now, *SPOT, client_id=f"{now.timestamp()} {number}") for number in range(2)]
        with session_scope(engine, write=True) as session:
            self.incidents = [each.row["id"] for each in report(session, sent, settings.zone) if each.row]

    @rule(who=st.integers(0, len(STAFF) - 1), which=st.integers(0, 1), wish=WISHES, is_stale=st.booleans())
    def tries(self, who: int, which: int, wish: Wish, is_stale: bool) -> None:
        caller, incident = self.callers[who], self.incidents[which]
        wish = replace(wish, into=None if wish.into is None else self.incidents[wish.into - 1])
        before = self.kept(incident)
        with session_scope(self.engine) as session:
            sight = sight_for(session, caller, "incidents")
        try:
            with session_scope(self.engine, write=True, sight=sight) as session:
                move(session, self.settings, caller, incident, before["revision"] - is_stale, wish)
        except MovedMeanwhile:
            assert is_stale
        except GisgridError:
            assert not is_stale
            assert self.kept(incident) == before
        else:
            assert not is_stale
            assert self.kept(incident)["revision"] == before["revision"] + 1

    def kept(self, incident: int) -> dict[str, Any]:
        with session_scope(self.engine) as session:
            return require_incident(session, incident)

    @invariant()
    def the_row_is_what_the_steps_say(self) -> None:
        with session_scope(self.engine) as session:
            calendar = calendar_of(session, self.settings)
            for incident in self.incidents:
                row, steps = require_incident(session, incident), steps_of(session, incident)
                case = case_of(session, self.settings, row, datetime.now(UTC))
                shown = reading(ticks(steps), limit_of(case.kind, row["condition"]), calendar, steps[-1].made_at)
                assert row["state"] == steps[-1].to_state
                assert row["answering_code"] == steps[-1].answering_code
                assert row["revision"] == len(steps) == steps[-1].number
                assert row["due_at"] == (None if shown.state == "stopped" else shown.due_at)

    @invariant()
    def the_steps_are_a_walk_of_the_table(self) -> None:
        with session_scope(self.engine) as session:
            for incident in self.incidents:
                steps = steps_of(session, incident)
                for before, after in itertools.pairwise(steps):
                    assert after.from_state == before.to_state
                    assert RULES[after.move].leads[before.to_state] == after.to_state  # type: ignore[index]
                    assert before.made_at <= after.made_at
                assert sum(step.move == "suspend" for step in steps) <= 1

    @invariant()
    def nothing_is_closed_by_those_who_did_the_work(self) -> None:
        with session_scope(self.engine) as session:
            for incident in self.incidents:
                steps = steps_of(session, incident)
                for number, step in enumerate(steps):
                    if step.move == "pass":
                        assert step.to_state in DONE
                        assert step.made_by not in workers(steps[:number])

    @invariant()
    def numbers_are_given_once(self) -> None:
        with session_scope(self.engine) as session:
            seen = visible(session, INCIDENT)
            count, distinct = session.execute(
                select(func.count(INCIDENT.c.number), func.count(INCIDENT.c.number.distinct())).where(seen)
            ).one()
            assert count == distinct


def callers(engine: Engine) -> list[Caller]:
    with session_scope(engine, write=True, sight=EVERYTHING) as session:
        people = [person(session, (role, cell), department=department) for role, cell, department in STAFF]
        return [Caller("person", None, each.id, each.name, roles=roles_of(session, each.id)) for each in people]


def test_random_walks_keep_every_invariant(ground: Engine, settings: Settings) -> None:
    staff = callers(ground)
    longer = hypothesis.settings.default
    run_state_machine_as_test(
        lambda: Walks(ground, settings, staff),
        settings=hypothesis.settings(
            max_examples=max(longer.max_examples // 10, 4),
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
