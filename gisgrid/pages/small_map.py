"""A small map on a page: points on the cells, drawn as SVG without a script."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup
from sqlalchemy.orm import Session

from gisgrid.documents.small_map import At, small_map
from gisgrid.grid.locate import NoGrid, grid_on
from gisgrid.settings import Settings

FINEST: Final = "substation"
WIDE_M: Final = 2500


def map_of(
    session: Session,
    settings: Settings,
    points: Sequence[At],
    at: datetime,
    *,
    line: Sequence[tuple[float, float]] = (),
    wide_m: float = WIDE_M,
) -> Markup | None:
    """Return a map round the first of some points, on the grid of a day, for a page; None where there is no grid."""
    try:
        cells = grid_on(session, at.astimezone(settings.zone).date()).cells
    except NoGrid:
        return None
    held = cells[cells["level"] == FINEST]
    shapes = list(zip(held["name"], held.geometry, strict=True))
    drawn = small_map(shapes, points, wide_m, line)
    return Markup(drawn)  # noqa: S704 - of our own making: it escapes the names that it is given
