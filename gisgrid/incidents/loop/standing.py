"""How an incident stands for somebody who wants to move it: what its steps, its kind and what is sent amount to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from gisgrid.grid.kin import lineage, neighbours
from gisgrid.grid.locate import NoSuchCell, grid_on
from gisgrid.incidents.calendar.stored import calendar_of
from gisgrid.incidents.clock import MAX_SUSPENSION, Limit, Reading, may_extend, reading
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.kinds.stored import edition_on
from gisgrid.incidents.lifecycle import Hand, Move, Need, Standing, State
from gisgrid.incidents.loop.evidence import Evidence, evidence_of
from gisgrid.incidents.loop.steps import Done, round_began, steps_of, ticks, workers
from gisgrid.incidents.near.edge import across_the_edge
from gisgrid.incidents.sources import PUBLIC
from gisgrid.patrols.judge import distance_m
from gisgrid.settings import Settings

MOST_SCORE: Final = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """A move as it was asked for; what is None was not sent. `into` is the row of another incident.

    `departments` act together, the first of them leads. `longitude` and `latitude` are where whoever asks is, in
    WGS 84 degrees.
    """

    move: Move
    words: str = ""
    condition: str | None = None
    departments: tuple[str, ...] = ()
    person: str | None = None
    cell: str | None = None
    into: int | None = None
    until: date | None = None
    score: int | None = None
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """An incident as it is on record: its row, its kind, its steps, its evidence and its clock now.

    `above` are the cells above the one that answers for it, `beside` its neighbours, `across` those of them to which
    it might as well belong.
    """

    row: Mapping[str, Any]
    kind: Kind
    steps: Sequence[Done]
    evidence: Evidence
    clock: Reading
    now: datetime
    zone: ZoneInfo
    above: tuple[str, ...] = field(default=())
    beside: tuple[str, ...] = field(default=())
    across: tuple[str, ...] = field(default=())


def case_of(session: Session, settings: Settings, row: Mapping[str, Any], now: datetime) -> Case:
    """Return an incident, as its row that may be seen, with what is on record of it."""
    kind = kind_of(session, row, settings.zone)
    steps = steps_of(session, row["id"])
    shown = reading(ticks(steps), limit_of(kind, row["condition"]), calendar_of(session, settings), now)
    answering = row["answering_code"]
    above = lineage(session, answering)[1:] if answering else ()
    beside, across = _around(session, settings, row) if above else ((), ())
    shows = evidence_of(session, row["id"], round_began(steps))
    return Case(row, kind, steps, shows, shown, now, settings.zone, above, beside, across)


def _around(session: Session, settings: Settings, row: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the neighbours of the cell that answers, and those so near that the incident may be theirs.

    Nothing where that cell is of an earlier grid.
    """
    grid = grid_on(session)
    try:
        beside = neighbours(grid, row["answering_code"])
    except NoSuchCell:
        return (), ()
    place = (row["longitude"], row["latitude"])
    return beside, tuple(across_the_edge(grid, row["answering_code"], *place, settings.metric_crs))


def kind_of(session: Session, row: Mapping[str, Any], zone: ZoneInfo) -> Kind:
    """Return the kind of an incident by the edition of its day."""
    return edition_on(session, row["reported_at"].astimezone(zone).date()).require(row["kind"])


def limit_of(kind: Kind, condition: str | None) -> Limit | None:
    """Return the limit of a filing condition of a kind; None for none."""
    found = next((each for each in kind.conditions if each.code == condition), None)
    return Limit(found.clock, found.limit_s) if found else None


def standing(case: Case, hands: frozenset[Hand], person: int | None, wish: Wish) -> Standing:
    """Return how a case stands for a person who holds it so and wishes to move it."""
    met: set[Need] = {need for need, is_met in _met(case, wish).items() if is_met}
    is_own = _is_own(case, person, wish.move)
    return Standing(state_of(case), hands, frozenset(met), demanded(case.kind), is_own, _said(case, wish))


def state_of(case: Case) -> State:
    """Return the state of a case."""
    state: State = case.row["state"]
    return state


def demanded(kind: Kind) -> frozenset[Need]:
    """Return what evidence a kind demands for closing."""
    asked: dict[Need, bool] = {
        "photo": kind.needs_photo,
        "near": kind.needs_within_m is not None,
        "document": kind.needs_document,
    }
    return frozenset(need for need, is_asked in asked.items() if is_asked)


def _is_own(case: Case, person: int | None, move: Move) -> bool:
    """Tell whether the move would judge what the person did themselves."""
    if person is None:
        return False
    return person == case.row["reported_by"] if move == "verify" else person in workers(case.steps)


def _met(case: Case, wish: Wish) -> dict[Need, bool]:
    said = bool(wish.words.strip())
    return {
        "reason": said,
        "words": said,
        "confirmed": state_of(case) == "verified" or case.row["source"] not in PUBLIC,
        "condition": limit_of(case.kind, wish.condition) is not None,
        "addressee": bool(wish.departments) or wish.person is not None,
        "cell": wish.cell in case.beside,
        "above": bool(case.above),
        "into": wish.into is not None and wish.into != case.row["id"],
        "until": _is_until(case, wish.until),
        "score": wish.score is not None and 1 <= wish.score <= MOST_SCORE,
        "fresh": not any(step.move == "suspend" for step in case.steps),
        "extendable": may_extend(case.clock),
        "photo": case.evidence.has_photo,
        "near": _is_near(case, wish),
        "document": case.evidence.has_document,
    }


def _said(case: Case, wish: Wish) -> dict[Need, tuple[str, str]]:
    """Say more exactly what is missing: which conditions there are, and that no position came at all."""
    said: dict[Need, tuple[str, str]] = {}
    if wish.longitude is None or wish.latitude is None:
        said["near"] = (
            "在现场的定位(longitude、latitude):没有收到",
            "a position on site (longitude, latitude): none was sent",
        )
    if case.kind.conditions:
        zh = "、".join(f"{each.code} {each.name_zh}" for each in case.kind.conditions)
        en = ", ".join(f"{each.code} {each.name_en}" for each in case.kind.conditions)
        said["condition"] = (f"立案条件(condition),应为其一:{zh}", f"a filing condition (condition), one of: {en}")
    return said


def _is_until(case: Case, until: date | None) -> bool:
    today = case.now.astimezone(case.zone).date()
    return until is not None and today < until <= today + MAX_SUSPENSION


def _is_near(case: Case, wish: Wish) -> bool:
    """Tell whether whoever asks is near enough; more exactly than the phone knows its place is not asked."""
    if wish.longitude is None or wish.latitude is None or case.kind.needs_within_m is None:
        return False
    is_at, is_of = (wish.longitude, wish.latitude), (case.row["longitude"], case.row["latitude"])
    apart = distance_m(*(np.array([each]) for each in (*is_at, *is_of)))[0]
    return bool(apart <= case.kind.needs_within_m)
