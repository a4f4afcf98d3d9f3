"""From a session to the report of an occasion, told for whoever asks, and from that to a file in any form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.coverage.group import Group, group_of_plan
from gisgrid.coverage.issue import issue
from gisgrid.coverage.occasions.briefing import Briefing, briefing_of
from gisgrid.coverage.occasions.define import OCCASIONS, Occasion, file_name, operation_days, regular_period
from gisgrid.coverage.report import coverage_report
from gisgrid.coverage.schemas import CoverageReport, Note
from gisgrid.coverage.told.documents import DocumentForm, document, paper_of
from gisgrid.coverage.told.gather import extras_of
from gisgrid.coverage.told.periods import in_period_words, zone_of
from gisgrid.coverage.told.sections import Extras
from gisgrid.documents.paper import Paper, paper_page, paper_pdf
from gisgrid.errors import NotFound, Refused
from gisgrid.parameters import Period
from gisgrid.patrols.plans.read_plans import NoSuchPlan, plan_of
from gisgrid.patrols.plans.tables import Plan
from gisgrid.settings import Settings
from gisgrid.sight import seeing, sight_of
from gisgrid.staff.caller import Caller, sight_for

MEDIA_TYPES: Final[dict[DocumentForm, str]] = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "kml": "application/vnd.google-earth.kml+xml",
}


class NoSuchOccasion(Refused):
    """An occasion that is none."""


class PlanNeeded(Refused):
    """The report of a special operation without saying of which."""


class NotBegun(Refused):
    """A report of days that have not begun."""


class NothingSeen(NotFound):
    """A report in which whoever asks answers for no cell."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: an occasion on a day, and of a special operation the number of its plan."""

    occasion: Occasion
    day: date
    plan: int | None = None

    def period(self, settings: Settings) -> Period:
        """Return over which time an occasion that comes round tells."""
        until = time.fromisoformat(settings.morning_until)
        return regular_period(self.occasion.name, self.day, settings.zone, until)

    def file_name(self, settings: Settings, form: str) -> str:
        """Return what the file of an occasion that comes round is called."""
        return file_name(self.occasion.name, self.period(settings), settings.zone, form)


class Told(NamedTuple):
    """An occasion's report with all that a document needs: nothing is looked up later."""

    asked: Asked
    report: CoverageReport
    extras: Extras
    briefing: Briefing | None
    group: Group | None
    period: Period
    settings: Settings


class Made(NamedTuple):
    """A file to hand out."""

    name: str
    content: bytes
    media_type: str


def told_of(session: Session, settings: Settings, asked: Asked, now: datetime, caller: Caller | None = None) -> Told:
    """Return the report of an occasion for what the session sees; a caller's tracks and incidents are as they see them.

    Raises PlanNeeded, NoSuchPlan, NotBegun, NothingSeen, NoGrid.
    """
    occasion = asked.occasion
    plan, group = _operation(session, asked, caller)
    days = None if plan is None else operation_days(plan.first_day, plan.last_day, asked.day, settings.zone)
    period = days or asked.period(settings)
    if period.start > now or (plan is not None and asked.day < plan.first_day):
        raise NotBegun("这段时间还没有开始,请选更早的日期", "these days have not begun: choose an earlier one")
    report = coverage_report(
        session, settings, level=occasion.level, period=period, group=group, is_compared=occasion.is_compared
    )
    if not report.cells:
        raise NothingSeen("没有您负责的网格,无从报告", "there is no cell that you answer for, and nothing to report")
    name = "{place}" if plan is None else plan.name.replace("{", "(").replace("}", ")")
    title = tuple(each.replace("{plan}", name) for each in occasion.title)
    extras = extras_of(
        session,
        settings,
        report,
        title=(title[0], title[1]),
        dated=asked.day,
        now=now,
        caller=caller,
        plan=None if plan is None else asked.plan,
    )
    extras = extras._replace(sections=occasion.sections, annexes=occasion.annexes, period=_period_so_far(report, now))
    briefing = None
    if occasion.name == "morning":
        with seeing(session, sight_of(session) if caller is None else sight_for(session, caller, "tracks")):
            briefing = briefing_of(session, settings, report, extras, now)
    return Told(asked, report, extras, briefing, group, period, settings)


def _period_so_far(report: CoverageReport, now: datetime) -> Note | None:
    """Return how the time of a report is told that is made before its end; None where it is told as ever."""
    if report.period.end <= now:
        return None
    told = in_period_words(report.period, zone_of(report))
    until = now.astimezone(zone_of(report))
    return Note(zh=f"{told.zh}(未结束,截至{until:%m-%d %H:%M})", en=f"{told.en} (not over: up to {until:%m-%d %H:%M})")


def _operation(session: Session, asked: Asked, caller: Caller | None) -> tuple[Plan | None, Group | None]:
    """Return the plan of a special operation with its people, for whoever sees it; nothing for other occasions."""
    if asked.occasion.name != "operation":
        return None, None
    if asked.plan is None:
        raise PlanNeeded("请指定专项行动的计划编号", "say which special operation: the number of its plan")
    with seeing(session, sight_of(session) if caller is None else sight_for(session, caller, "tracks")):
        plan = plan_of(session, asked.plan)
        if not plan.is_operation:
            raise NoSuchPlan("这个编号的计划不是专项行动", "the plan with that number is no special operation")
        return plan, group_of_plan(session, asked.plan)


def occasion_of(name: str) -> Occasion:
    """Return the occasion of a name. Raises NoSuchOccasion."""
    if name not in OCCASIONS:
        known = ", ".join(OCCASIONS)
        raise NoSuchOccasion(f"没有这种报告;可用:{known}", f"there is no such occasion; use {known}")
    return OCCASIONS[name]


def paper_told(told: Told, *, is_plain: bool = False) -> Paper:
    """Return the paper of an occasion, with the pages of its cells."""
    paper = paper_of(told.report, told.extras, is_plain=is_plain)
    if told.briefing is None:
        return paper
    return paper._replace(sections=[*paper.sections, told.briefing.today], pages=told.briefing.pages)


def made(told: Told, form: DocumentForm, *, is_plain: bool = False) -> Made:
    """Return an occasion's report as a file. A PDF takes seconds: no session is needed meanwhile.

    Raises NoPango, NoFont, CellTooLong.
    """
    name = file_name(told.asked.occasion.name, told.period, told.settings.zone, form, told.asked.plan)
    if form == "pdf":
        content = paper_pdf(paper_told(told, is_plain=is_plain))
    elif form == "html":
        content = paper_page(paper_told(told, is_plain=is_plain)).encode()
    else:
        content = document(told.report, told.extras, form, is_plain=is_plain)
    return Made(name, content, MEDIA_TYPES[form])


def hand_out(session: Session, told: Told, now: datetime) -> None:
    """Note that a report is handed out, if it tells of all ground and its days are over: from then on it is revised."""
    if told.report.outside is not None and told.period.end <= now:
        issue(session, told.report, told.group, now)


def record_issue(session: Session, actor: Actor, told: Told, forms: Sequence[str]) -> None:
    """Record who has handed out which report, in which forms."""
    asked = told.asked
    about = None if asked.plan is None else ("plan", asked.plan)
    kinds = ",".join(forms)
    record(session, actor, "report.issued", about, occasion=asked.occasion.name, period=told.period.text, form=kinds)
