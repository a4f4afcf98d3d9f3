"""Which rounds a plan has on a day, and how each of them stands. Pure: the same for everybody who asks.

Random times are drawn from the plan's secret and the day, so that nobody knows them before the day begins.
"""

import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import count
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gisgrid.patrols.plans.terms import DAY_MIN, Place, Terms, minute_of

State = Literal["ahead", "due", "done", "done_late", "unconfirmed", "missed"]
"""`ahead`: not begun. `due`: not done, and there is time. `done_late`: within the grace. `unconfirmed`: not done so far
as is known, but not everybody's device has told of that time yet."""

BITS: Final = 53
"""How many bits of a draw a float holds exactly."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, as far as its rounds follow from it. `terms` in the order of their days."""

    id: int
    seed: bytes
    first_day: date
    last_day: date | None
    made_at: datetime
    ended_at: datetime | None
    terms: tuple[Terms, ...]

    def terms_on(self, day: date) -> Terms | None:
        """Return the terms that hold on a day, None before the first and after the last day."""
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            return None
        return next((terms for terms in reversed(self.terms) if terms.since <= day), None)


@dataclass(frozen=True, slots=True)
class Round:
    """One due visit: in time within `[start_at, end_at]`, late up to `last_at`. Times in UTC."""

    plan_id: int
    day: date
    number: int
    place: Place
    start_at: datetime
    end_at: datetime
    last_at: datetime

    @property
    def id(self) -> str:
        """The plan, the day and the number of the round on it."""
        return f"{self.plan_id}/{self.day}/{self.number}"


def rounds_on(plan: Planned, day: date, zone: ZoneInfo) -> list[Round]:
    """Return the rounds of a local day, by time and place; one that begins past midnight is of the day before it.

    What began before the plan was made, or would begin after it has ended, is no round; the others keep their numbers.
    """
    terms = plan.terms_on(day)
    if terms is None or not _is_due(plan, terms, day):
        return []
    starts = _starts(plan, terms, day)
    rounds = _numbered(plan, terms, day, starts, zone)
    return [each for each in rounds if plan.made_at <= each.start_at and not _is_over(plan, each.start_at)]


def _is_due(plan: Planned, terms: Terms, day: date) -> bool:
    return day.isoweekday() in terms.weekdays and (day - plan.first_day).days % terms.every_days == 0


def _is_over(plan: Planned, moment: datetime) -> bool:
    return plan.ended_at is not None and moment >= plan.ended_at


def _starts(plan: Planned, terms: Terms, day: date) -> list[int]:
    """Return when rounds begin, in minutes from local midnight, in order."""
    if terms.is_random:
        return sorted(_drawn(terms, _draws(plan, day)))
    return sorted(minute_of(moment) for moment in terms.at)


def _draws(plan: Planned, day: date) -> Iterator[float]:
    """Yield numbers from 0 up to below 1, which nobody knows without the plan's secret."""
    for number in count():
        words = f"{plan.id}|{day.isoformat()}|{number}".encode()
        drawn = int.from_bytes(hmac.digest(plan.seed, words, sha256)[:8])
        yield (drawn >> (64 - BITS)) / 2**BITS


def _drawn(terms: Terms, draws: Iterator[float]) -> list[int]:
    """Draw how many rounds each window has, then when they begin: one is over before the next begins."""
    spans, duration = [window.minutes for window in terms.windows], terms.duration_min
    held = [0] * len(spans)
    for _ in range(terms.times_a_day):
        room = [max(0, end - start - duration * (n + 1) + 1) for (start, end), n in zip(spans, held, strict=True)]
        held[_chosen(room, next(draws))] += 1
    starts = []
    for (start, end), rounds in zip(spans, held, strict=True):
        spare = end - start - duration * rounds
        offsets = sorted(int(next(draws) * (spare + 1)) for _ in range(rounds))
        starts += [start + offset + number * duration for number, offset in enumerate(offsets)]
    return starts


def _chosen(weights: Sequence[int], draw: float) -> int:
    """Return which of some weighted chances a draw hits."""
    left = draw * sum(weights)
    for number, weight in enumerate(weights):
        if left < weight:
            return number
        left -= weight
    raise AssertionError("no window has room for another round; the terms were not checked")


def _numbered(plan: Planned, terms: Terms, day: date, starts: Sequence[int], zone: ZoneInfo) -> list[Round]:
    begins = terms.at or [window.start for window in terms.windows]
    following = [*starts[1:], DAY_MIN + min(minute_of(moment) for moment in begins)]
    rounds = []
    for start, next_start in zip(starts, following, strict=True):
        end = start + terms.duration_min
        last = max(end, min(end + terms.grace_min, next_start))  # what is late for this one is not early for the next
        moments = [_moment(day, minutes, zone) for minutes in (start, end, last)]
        rounds += [(place, moments) for place in terms.places]
    return [Round(plan.id, day, number, place, *moments) for number, (place, moments) in enumerate(rounds, start=1)]


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return local.replace(tzinfo=zone).astimezone(UTC)


# --- how they stand --------------------------------------------------------------------------------


def has_delivered(
    awaited: Collection[int | None], delivered_until: Mapping[int | None, datetime], moment: datetime
) -> bool:
    """Tell whether everybody who is awaited has delivered something of a time or later; None never has."""
    return all(who in delivered_until and delivered_until[who] >= moment for who in awaited)


def state_of(
    its: Round, done_at: datetime | None, now: datetime, upload_grace: timedelta, *, is_delivered: bool
) -> State:
    """Tell how a round stands at a time. `done_at` is when it was done, so far as is known, no later than `last_at`.

    `is_delivered`: everybody who was to do it has delivered something from its end or later.
    """
    if done_at is not None:
        return "done" if done_at <= its.end_at else "done_late"
    if now < its.start_at:
        return "ahead"
    if now <= its.last_at:
        return "due"
    return "missed" if is_delivered or now > its.last_at + upload_grace else "unconfirmed"
