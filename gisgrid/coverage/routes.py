"""The coverage report over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from gisgrid.coverage.present import as_csv, as_geojson
from gisgrid.coverage.public import for_public, public_period
from gisgrid.coverage.report import DAYS, LEVEL, coverage_report, last_grid, recent
from gisgrid.coverage.schemas import CoverageReport
from gisgrid.database import ReadSession
from gisgrid.grid.schemas import Level
from gisgrid.parameters import PeriodQuery
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker
from gisgrid.wire import NameQuery

router = APIRouter(prefix="/api", tags=["coverage"])

Form = Annotated[Literal["json", "geojson", "csv"], Query(alias="f")]
FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/geo+json": {}, "text/csv": {"schema": {"type": "string"}}}}
}


@router.get("/coverage", response_model=CoverageReport, responses=FORMS)
def get_coverage(
    request: Request,
    session: ReadSession,
    caller: Asker,
    level: Level = LEVEL,
    period: PeriodQuery = None,
    parent: NameQuery = None,
    form: Form = "json",
) -> CoverageReport | Response:
    """Report how much of each cell of a level was seen in a period (the last 30 days when none is given).

    `parent` shows only the cells below that one, at any height. Whoever is not signed in sees the 30 days up to
    yesterday, without counts below five.
    """
    settings: Settings = request.app.state.settings
    is_public = caller.kind == "public"
    period = public_period(period, settings) if is_public else period or recent(DAYS, settings)
    report = coverage_report(session, settings, level=level, period=period, parent=parent)
    report = for_public(report) if is_public else report
    if form == "geojson":
        shapes = last_grid(session, period, settings).cells.set_index("code").geometry.to_dict()
        return Response(as_geojson(report, shapes), media_type="application/geo+json")
    if form == "csv":
        named = {"Content-Disposition": f'attachment; filename="coverage-{level}.csv"'}
        return Response(as_csv(report), media_type="text/csv; charset=utf-8", headers=named)
    return report
