"""The figures of merit over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gisgrid.database import ReadSession
from gisgrid.incidents.figures.campaign import asked_period
from gisgrid.incidents.figures.figures import Wish, incident_figures
from gisgrid.incidents.figures.measure import Dimension
from gisgrid.incidents.figures.schemas import IncidentFigures
from gisgrid.parameters import PeriodQuery
from gisgrid.settings import Settings
from gisgrid.sight import seeing
from gisgrid.staff.caller import Asker, sight_for
from gisgrid.wire import NameQuery

router = APIRouter(prefix="/api", tags=["figures"])

OperationQuery = Annotated[int | None, Query(ge=1, le=2**53)]
GroupQuery = Annotated[Dimension | None, Query()]


@router.get("/incident-figures")
def get_incident_figures(
    request: Request,
    session: ReadSession,
    caller: Asker,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    department: NameQuery = None,
    kind: NameQuery = None,
    group_by: GroupQuery = None,
    operation: OperationQuery = None,
) -> IncidentFigures:
    """Return figures of merit of a period (this month, if none is given) for the ground that one answers for.

    Of a cell at any level, a department, a kind, each by its code; `group_by` shows their parts beside the total.
    `operation` is the number of a plan: its period is that of a special operation.
    Each share comes with what it was made of, and is null, n/a, where nothing was to be shared.
    """
    settings: Settings = request.app.state.settings
    with seeing(session, sight_for(session, caller, "tracks")):  # as plans are seen everywhere
        asked = asked_period(session, settings, period, operation)
    wish = Wish(asked.period, cell, department, kind, group_by, asked.operation)
    return incident_figures(session, settings, wish)
