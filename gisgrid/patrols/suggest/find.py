"""Where somebody may be sent next: the places that are theirs to walk and, for staff, to answer for; and from where."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.geometry import points_to_metric
from gisgrid.grid.locate import Grid, grid_on
from gisgrid.patrols.duty.on_duty import IN_TIME
from gisgrid.patrols.people import own_patroller
from gisgrid.patrols.plans.find_spots import cell_spots, spots_now
from gisgrid.patrols.plans.gaps import GAP
from gisgrid.patrols.plans.near_fixes import FIX
from gisgrid.patrols.plans.own_rounds import own_rounds
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.plans.walking import Lineages, beats, is_on_beat, lineages
from gisgrid.patrols.suggest.candidates import ROUND_GAIN, Candidate, at_spot, gap_gain
from gisgrid.patrols.suggest.tables import StartedFrom
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing_everything, visible

FRESH: Final = timedelta(hours=2)
"""A position older than this is where somebody was, not where they are."""


class Ground(NamedTuple):
    """Where somebody may be sent: the codes of the cells in which they walk (None is everywhere), what `sight` answers
    for, and the smallest cells in both, on the grid of the day.
    """

    grid: Grid
    beats: Sequence[str | None]
    above: Lineages
    sight: Sight
    cells: Sequence[Spot]

    def holds(self, spot: Spot) -> bool:
        """Tell whether somebody may be sent to a place."""
        return self.sight.holds(spot.cells) and any(is_on_beat(code, spot, self.above) for code in self.beats)


class Start(NamedTuple):
    """Where a round begins, in degrees and metres."""

    started_from: StartedFrom
    longitude: float
    latitude: float
    x: float
    y: float


def ground_of(session: Session, settings: Settings, person_id: int, sight: Sight, now: datetime) -> Ground:
    """Return where a person may be sent by whoever has a sight. Raises NoGrid."""
    grid = grid_on(session, now.astimezone(settings.zone).date())
    codes = sorted({beat.cell_code for beat in beats(session, [person_id])}, key=lambda code: code or "")
    parents = set(grid.cells["parent_code"])
    leaves = cell_spots(grid, [code for code in grid.cells["code"] if code not in parents], settings.metric_crs)
    ground = Ground(grid, codes, lineages(session), sight, leaves)
    return ground._replace(cells=[spot for spot in leaves if ground.holds(spot)])


def start_of(session: Session, settings: Settings, person_id: int, ground: Ground, now: datetime) -> Start:
    """Return the last position of a person that this session may see, if it is fresh; else a place in their cells."""
    own = own_patroller(session, person_id)
    its = (visible(session, FIX), FIX.c.patroller_id == (own.id if own else 0), FIX.c.standing == "counted", IN_TIME)
    asked = select(FIX.c.longitude, FIX.c.latitude).where(*its, FIX.c.fix_at.between(now - FRESH, now))
    last = session.execute(asked.order_by(FIX.c.fix_at.desc(), FIX.c.id.desc()).limit(1)).first()
    if last is None:
        cell = ground.cells[0]
        return Start("cell", cell.longitude, cell.latitude, cell.x, cell.y)
    x, y = points_to_metric([last.longitude], [last.latitude], settings.metric_crs)
    return Start("position", last.longitude, last.latitude, float(x[0]), float(y[0]))


def places_of(session: Session, settings: Settings, person_id: int, ground: Ground, now: datetime) -> list[Candidate]:
    """Return the places of open gaps to which somebody may be sent, and of their rounds that are due now."""
    today = now.astimezone(settings.zone).date()
    with seeing_everything(session):
        gaps = session.scalars(select(Gap).where(visible(session, GAP), GAP.c.closed_as.is_(None))).all()
        spots = spots_now(session, {Place(gap.kind, gap.code) for gap in gaps}, today, settings.metric_crs)
        due = [each.spot for each in own_rounds(session, settings, person_id, None, now) if each.state == "due"]
    aged = [(spots.get(Place(gap.kind, gap.code)), (now - gap.opened_at).total_seconds()) for gap in gaps]
    found = [at_spot(spot, "gap", gap_gain(age_s)) for spot, age_s in aged if spot is not None and ground.holds(spot)]
    return found + [at_spot(spot, "round", ROUND_GAIN) for spot in due if ground.sight.holds(spot.cells)]
