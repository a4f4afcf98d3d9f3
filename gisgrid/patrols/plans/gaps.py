"""Gaps: opened when a round is missed; closed by a later visit, by a written reason, or when it was done after all.

They follow from the fixes, so whatever arrives late, in whatever order, opens and closes the same ones. Only a reason
is somebody's own act, and stays.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.database import session_scope
from gisgrid.errors import Conflict, NotFound
from gisgrid.once import store_once, table_of
from gisgrid.parameters import Period
from gisgrid.patrols.plans.find_spots import spots_now
from gisgrid.patrols.plans.gap_steps import CLOSED_BY, GapStep, add_step, first_level, written
from gisgrid.patrols.plans.judge_rounds import Judged, judged, known_rounds
from gisgrid.patrols.plans.near_fixes import fixes_near
from gisgrid.patrols.plans.read_plans import plans_between
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import Stay, done_at, stays_at
from gisgrid.patrols.plans.tables import ClosedAs, Gap
from gisgrid.patrols.plans.tell_gaps import tell_again
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.sealed import sealed_until
from gisgrid.settings import Settings
from gisgrid.sight import visible

GAP: Final = table_of(Gap)
KEY: Final = ("plan_id", "day", "number")
INSTANT: Final = timedelta(microseconds=1)
LATELY: Final = timedelta(hours=2)
LATE: Final = timedelta(days=8)
"""As long as fixes are kept at least: nothing that comes later changes anything."""

Key = tuple[int, date, int]


class NoSuchGap(NotFound):
    """No gap that one may see has that number."""


class GapClosed(Conflict):
    """A gap that needs no reason any more."""


class Closing(NamedTuple):
    """When a gap closed, and as what; None while it is open."""

    closed_at: datetime | None = None
    closed_as: ClosedAs | None = None


def closing(state: State, visited_at: datetime | None, now: datetime, before: Closing) -> Closing:
    """Tell how a gap stands, given how its round stands and when its place was first visited afterwards.

    What closed before stays closed in the same way as long as that is still so. A round that is not known to be done,
    nor to be missed any more, changes nothing.
    """
    if state in ("done", "done_late"):
        return before if before.closed_as == "corrected" else Closing(now, "corrected")
    if state != "missed" or before.closed_as == "reason":
        return before
    return Closing() if visited_at is None else Closing(visited_at, "visit")


# --- what the rounds have come to ------------------------------------------------------------------


def settle_lately(engine: Engine, settings: Settings, now: datetime) -> Counter[str]:
    """Settle the gaps of rounds that were over in the last hours, and of those that waited for devices until then."""
    waited = now - timedelta(hours=settings.upload_grace_hours)
    done = settle_gaps(engine, settings, Period(waited - LATELY, waited), now)
    return done + settle_gaps(engine, settings, Period(now - LATELY, now), now)


def settle_gaps(engine: Engine, settings: Settings, over: Period, now: datetime) -> Counter[str]:
    """Open and close gaps of the rounds that were over within a span; return how many, by `opened` and how closed.

    Older gaps that are open are closed, too, by visits within the span. To do it again changes nothing.
    """
    with session_scope(engine) as session:
        rounds = _over(session, settings, over, now)
        known = _known(session, [_key(each) for each in rounds])
        missed = [each for each in rounds if each.state == "missed" and _key(each) not in known]
    with session_scope(engine, write=True) as session:
        done = Counter(opened=_open(session, missed, now)) if missed else Counter[str]()
    with session_scope(engine) as session:
        changes = _changes(session, settings, rounds, over, now)
    if changes:
        with session_scope(engine, write=True) as session:
            done.update(_change(session, settings, changes, now))
    return done


def _over(session: Session, settings: Settings, over: Period, now: datetime) -> list[Judged]:
    """Return the rounds that were over within a span, on days that are not sealed."""
    first = over.start.astimezone(settings.zone).date() - timedelta(days=2)
    last = over.end.astimezone(settings.zone).date()
    newest = sealed_until(session)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    plans = plans_between(session, first, last)
    known = known_rounds(plans, [day for day in days if newest is None or day > newest], settings, now)
    return judged(session, settings, [each for each in known if over.start <= each[1].last_at < over.end], now)


def _key(each: Judged) -> Key:
    return each.round.plan_id, each.round.day, each.round.number


def _known(session: Session, keys: Collection[Key]) -> dict[Key, Gap]:
    if not keys:
        return {}
    plans, days = {key[0] for key in keys}, {key[1] for key in keys}
    asked = select(Gap).where(visible(session, GAP), GAP.c.plan_id.in_(plans), GAP.c.day.in_(days))
    found = {(gap.plan_id, gap.day, gap.number): gap for gap in session.scalars(asked)}
    return {key: found[key] for key in keys if key in found}


def _open(session: Session, missed: Sequence[Judged], now: datetime) -> int:
    rows = [_row(each, now) for each in sorted(missed, key=_key)]
    return sum(arrival.status == "stored" for arrival in store_once(session, GAP, rows, KEY))


def _row(each: Judged, now: datetime) -> dict[str, Any]:
    its = each.round
    cells = dict(zip(("street_id", "community_id", "substation_id"), each.spot.cells, strict=True))
    place = {"kind": its.place.kind, "code": its.place.code, **cells}
    times = {"start_at": its.start_at, "end_at": its.end_at, "last_at": its.last_at, "opened_at": now}
    level = first_level(each.spot.cells)
    life = {"level": level, "level_since": now, "steps": written([GapStep("opened", now, level).kept()])}
    return {**dict(zip(KEY, _key(each), strict=True)), **place, **times, **life, "reason": ""}


class Change(NamedTuple):
    """A gap, how it stood, and how it stands now."""

    gap: int
    before: Closing
    after: Closing


def _changes(
    session: Session, settings: Settings, rounds: Iterable[Judged], over: Period, now: datetime
) -> list[Change]:
    states = {_key(each): each.state for each in rounds}
    gaps = list(_known(session, list(states)).values())
    mine = {gap.id for gap in gaps}
    open_gaps = select(Gap).where(visible(session, GAP), GAP.c.closed_as.is_(None), GAP.c.last_at < over.start)
    gaps += [gap for gap in session.scalars(open_gaps) if gap.id not in mine]
    visited = _visited(session, settings, gaps, over, now)
    found = []
    for gap in gaps:
        before = Closing(gap.closed_at, gap.closed_as)
        state = states.get((gap.plan_id, gap.day, gap.number), "missed")
        after = closing(state, visited.get(gap.id), now, before)
        if after != before:
            found.append(Change(gap.id, before, after))
    return found


def _visited(
    session: Session, settings: Settings, gaps: Sequence[Gap], over: Period, now: datetime
) -> dict[int, datetime]:
    """Return when the places of gaps were first visited after their rounds, by anybody, as they stand today."""
    if not gaps:
        return {}
    today = now.astimezone(settings.zone).date()
    spots = spots_now(session, {Place(gap.kind, gap.code) for gap in gaps}, today, settings.metric_crs)
    fixes = fixes_near(session, list(spots.values()), Period(over.start, max(now, over.start)), settings.metric_crs)
    stays = {spot: stays_at(spot, fixes, settings.visit_gap_s) for spot in spots.values()}
    found = {gap.id: _visit(gap, spots, stays, over, now) for gap in gaps}
    return {gap: moment for gap, moment in found.items() if moment is not None}


def _visit(
    gap: Gap, spots: Mapping[Place, Spot], stays: Mapping[Spot, Sequence[Stay]], over: Period, now: datetime
) -> datetime | None:
    spot = spots.get(Place(gap.kind, gap.code))
    since = max(gap.last_at + INSTANT, over.start)
    return None if spot is None else done_at(spot, stays[spot], None, since, now)


def _change(session: Session, settings: Settings, changes: Iterable[Change], now: datetime) -> Counter[str]:
    """Set how gaps stand now, unless somebody has changed one meanwhile; who was told of a miss that was none hears."""
    done = Counter[str]()
    for number, before, after in changes:
        is_as_before = GAP.c.closed_as.is_not_distinct_from(before.closed_as)
        asked = select(Gap).where(visible(session, GAP), GAP.c.id == number, is_as_before)
        gap = session.scalar(asked.with_for_update())
        if gap is None:
            continue
        gap.closed_at, gap.closed_as = after
        visited_at = after.closed_at if after.closed_as == "visit" else None
        add_step(gap, GapStep(CLOSED_BY[after.closed_as], now, gap.level, visited_at))
        if "corrected" in (before.closed_as, after.closed_as):
            tell_again(session, settings.zone, gap)
        done[after.closed_as or "reopened"] += 1
    session.flush()
    return done


# --- what somebody says ----------------------------------------------------------------------------


def close_gap(session: Session, actor: Actor, gap_id: int, reason: str) -> None:
    """Close an open gap for a reason. Raises NoSuchGap, GapClosed."""
    asked = select(Gap).where(visible(session, GAP), GAP.c.id == gap_id)
    gap = session.scalar(asked.with_for_update())
    if gap is None:
        raise NoSuchGap("没有这个编号的漏巡", "there is no gap with that number")
    if gap.closed_as is not None:
        raise GapClosed("此漏巡已关闭", "this gap is closed already")
    gap.reason, gap.closed_as, gap.closed_at = reason, "reason", datetime.now(UTC)
    add_step(gap, GapStep("explained", gap.closed_at, gap.level, words=reason))
    gap.closed_by = actor.id if actor.kind == "person" else None
    session.flush()
    record(session, actor, "gap.closed", ("gap", gap.id))
