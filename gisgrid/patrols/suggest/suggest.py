"""Suggesting somebody's next round: found, shaken at random, ordered, and kept until the end of the day."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict
from gisgrid.geometry import from_metric, to_metric
from gisgrid.grid.own.store import walkable_lines
from gisgrid.parameters import Period
from gisgrid.patrols.people import NoSuchPatroller
from gisgrid.patrols.plans.change_plans import common_cells
from gisgrid.patrols.plans.walking import beats
from gisgrid.patrols.suggest.candidates import Candidate, blocks, chosen, merged
from gisgrid.patrols.suggest.find import Ground, Start, ground_of, places_of, start_of
from gisgrid.patrols.suggest.schemas import SuggestedPlace
from gisgrid.patrols.suggest.solve import best_order, shaken
from gisgrid.patrols.suggest.tables import Suggestion
from gisgrid.patrols.suggest.unseen import idleness, squares_of
from gisgrid.patrols.suggest.ways import Floats, Line, Network, Walks, network_of, walks_between
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING, Sight, sight_of

MINUTE_S: Final = 60


class NothingToVisit(Conflict):
    """No place can be reached in the time."""


def suggest(
    session: Session,
    settings: Settings,
    actor: Actor,
    person_id: int,
    minutes: int,
    now: datetime,
    *,
    is_own: bool,
    rng: Random | None = None,
) -> Suggestion:
    """Suggest a person's next round, and keep it. Somebody else's lies in the cells that one answers for.

    `rng` is drawn from the system's secrets where none is given. Raises NoSuchPatroller, NoGrid, NothingToVisit.
    """
    sight = EVERYTHING if is_own else sight_of(session)
    _require_theirs(session, person_id, sight)
    ground = ground_of(session, settings, person_id, sight, now)
    if not ground.cells:
        raise _nothing()
    start = start_of(session, settings, person_id, ground, now)
    rng = rng or Random(secrets.randbits(128))  # noqa: S311 - its seed is a secret
    mps = settings.walking_kmh / 3.6
    squares = squares_of(session, settings, ground, start, mps * minutes * MINUTE_S / settings.detour_factor)
    unseen = blocks(squares, idleness(session, settings, squares, now), mps)
    places = merged(places_of(session, settings, person_id, ground, now))
    candidates = chosen(places, unseen, rng)
    return _kept(session, settings, actor, (person_id, minutes, now), ground, start, candidates, rng)


def _require_theirs(session: Session, person_id: int, sight: Sight) -> None:
    """Check that a person walks in some cell that is answered for. Raises NoSuchPatroller."""
    codes = [beat.cell_code for beat in beats(session, [person_id])]
    if not any(sight.everything or (sight.answers.outside if code is None else sight.has_code(code)) for code in codes):
        raise NoSuchPatroller("您的网格里没有这个巡查员", "nobody of that name walks in your cells")


def _nothing() -> NothingToVisit:
    return NothingToVisit(
        "此时间内没有可去的地点;请加长时间,或先制定计划、检查网格",
        "there is no place to visit in that time: allow more of it, or look at the plans and the grid",
    )


def _kept(
    session: Session,
    settings: Settings,
    actor: Actor,
    wish: tuple[int, int, datetime],
    ground: Ground,
    start: Start,
    candidates: Sequence[Candidate],
    rng: Random,
) -> Suggestion:
    person_id, minutes, now = wish
    mps, time_s = settings.walking_kmh / 3.6, minutes * MINUTE_S
    at = np.array([(start.x, start.y), *((each.x, each.y) for each in candidates)], dtype=np.float64)
    walks = walks_between(at, network_near(session, settings), settings.detour_factor, mps * time_s)
    walk_s = np.ceil(walks.metres / mps).astype(np.int64).tolist()
    gains = shaken([each.gain for each in candidates], rng)
    order = best_order(gains, [each.stay_s for each in candidates], walk_s, time_s)
    if not order:
        raise _nothing()
    cells = common_cells([spot.cells for spot in ground.cells])
    made = Suggestion(
        person_id=person_id,
        made_by=actor.id if actor.kind == "person" else None,
        made_at=now,
        expires_at=Period.last_days(1, now.astimezone(settings.zone).date(), settings.zone).end,
        minutes=minutes,
        started_from=start.started_from,
        longitude=start.longitude,
        latitude=start.latitude,
        is_by_ways=walks.is_by_ways,
        detour=settings.detour_factor,
        places=json.dumps(_places(settings, order, candidates, walk_s), ensure_ascii=False),
        line=json.dumps(_line(settings, order, walks)),
        **dict(zip(("street_id", "community_id", "substation_id"), cells, strict=True)),
    )
    session.add(made)
    session.flush()
    told = {"person": person_id, "minutes": minutes, "places": len(order)}
    record(session, actor, "suggestion.made", ("suggestion", made.id), **told)
    return made


def network_near(session: Session, settings: Settings) -> Network | None:
    """Return the network of the lines on which one walks; None for none."""
    lines = walkable_lines(session)
    metric = to_metric(np.array(lines, dtype=object), settings.metric_crs) if lines else []
    found: list[Floats] = [shapely.get_coordinates(line) for line in metric]
    return network_of(found)


def _places(
    settings: Settings, order: Sequence[int], candidates: Sequence[Candidate], walk_s: Sequence[Sequence[int]]
) -> list[dict[str, Any]]:
    points = from_metric(shapely.points([(candidates[at].x, candidates[at].y) for at in order]), settings.metric_crs)
    found, here, clock = [], 0, 0
    for at, point in zip(order, points, strict=True):
        each, walked = candidates[at], walk_s[here][at + 1]
        clock += walked
        place = SuggestedPlace(
            why=list(each.why),
            kind=each.kind,
            code=each.code,
            name=each.name,
            longitude=round(point.x, 7),
            latitude=round(point.y, 7),
            walk_s=walked,
            arrive_s=clock,
            stay_s=each.stay_s,
            squares=each.squares,
        )
        found.append(place.model_dump())
        here, clock = at + 1, clock + each.stay_s
    return found


def _line(settings: Settings, order: Sequence[int], walks: Walks) -> list[tuple[float, float]]:
    stops = [0, *(at + 1 for at in order)]
    legs: list[Line] = [walks.line(here, there) for here, there in pairwise(stops)]
    line = shapely.LineString([point for leg in legs for point in leg])
    drawn = from_metric(line.simplify(2), settings.metric_crs)
    return [(round(x, 6), round(y, 6)) for x, y in shapely.get_coordinates(drawn).tolist()]
