"""A special operation (专项行动): what patrols find, a month's figures, and how reopening one changes them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from gisgrid.audit.record import Actor
from gisgrid.database import session_scope
from gisgrid.incidents.figures.campaign import asked_period
from gisgrid.incidents.figures.definitions import AS_REPORTED
from gisgrid.incidents.figures.figures import Wish, incident_figures, month_period
from gisgrid.incidents.figures.present import percent, points
from gisgrid.incidents.figures.schemas import FiguresEntry, IncidentFigures
from gisgrid.incidents.tables import Incident
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.plans.change_plans import Wish as PlanWish
from gisgrid.patrols.plans.change_plans import make_plan
from gisgrid.patrols.plans.terms import Place, Terms
from gisgrid.sample.stories.month import SETTLED, bring_month
from gisgrid.sample.stories.papers import photo
from gisgrid.sample.stories.stage import Stage, Told
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller

INCIDENT = table_of(Incident)
DAYS: Final = 10
CASE: Final = next(iter(SETTLED))


def operation(stage: Stage) -> IncidentFigures:
    """Tell the story; return the month's figures as they are at its end. Raises InRealUse, NoActors."""
    walker, today = stage.caller("patroller"), datetime.now(stage.settings.zone).date()
    plan = _begin(stage, walker, today)
    _find(stage, walker)
    with session_scope(stage.engine) as session:
        campaign = asked_period(session, stage.settings, None, plan)
    _figures(stage, campaign.period, f"{campaign.operation},至今", "the operation so far")
    month = bring_month(stage.engine, stage.settings, today)
    stage.tell(
        "operator",
        f"导入 {month:%Y-%m} 的案件与满意度调查(总数据 2007 年的记载,单件为虚构)",
        f"brings the records and surveys of {month:%Y-%m} (totals as on record of 2007, single records made up)",
    )
    period = month_period(month, stage.settings)
    before = _figures(stage, period, f"{month:%Y-%m} 月报", f"the month of {month:%Y-%m}")
    _reopen_one(stage, period)
    after = _figures(stage, period, "重新办理一件之后", "after one was reopened")
    _compare(stage, before.total, after.total)
    return after


def _begin(stage: Stage, walker: Caller, today: date) -> int:
    """Let the street leader order the operation; return the row of its plan."""
    leader = stage.caller("street_leader")
    terms = Terms(
        since=today,
        places=(Place("cell", walker.roles[0].cell_code or ""),),
        by_anyone=True,
        duration_min=540,
        grace_min=60,
        at=(time(8, 30),),
    )
    name = f"{today:%m%d} 冬季治安与消防专项行动"
    wish = PlanWish(name, today, today + timedelta(days=DAYS - 1), terms, is_operation=True)
    with stage.acting(leader, "plan") as session:
        number = make_plan(session, stage.settings, Actor("person", leader.person), wish).id
    stage.tell(leader.name, f"部署{name}", "orders a special operation, public order and fire, of ten days")
    return number


def _find(stage: Stage, walker: Caller) -> None:
    """Let the patroller find two things: one is settled on the spot, the other goes through the loop."""
    at = stage.place(walker)
    here = dict(zip(("longitude", "latitude"), at, strict=True))
    lane = stage.report(walker, "L0502", at, "电动车堵塞消防通道", "a fire lane is blocked", "patrol")
    stage.show(walker, lane, photo("green"), "清理后的照片", "a photo of the lane, clear again")
    stage.move(walker, lane, "settle", "当场劝离", "moved away at once", **here)
    shop = stage.report(walker, "E0504", at, "店外堆放货物", "goods piled up before a shop", "patrol")
    _through_the_loop(stage, shop)


def _through_the_loop(stage: Stage, its: Told) -> None:
    desk, department, checker = (stage.caller(role) for role in ("station_staff", "department_staff", "cadre"))
    here = {"longitude": its.longitude, "latitude": its.latitude}
    stage.move(desk, its, "file", condition="1")
    stage.move(desk, its, "dispatch", departments=("urban_management",))
    stage.move(department, its, "accept")
    stage.show(department, its, photo("navy"), "处置后的照片", "a photo of what was done")
    stage.move(department, its, "finish", "货物已搬回店内", "the goods are back inside")
    stage.move(checker, its, "pass", "现场已恢复", "the place is as it should be", **here)


def _reopen_one(stage: Stage, period: Period) -> None:
    """Let supervision reopen the last case of the month that was closed."""
    supervision = stage.caller("supervision")
    with session_scope(stage.engine) as session:
        its = (INCIDENT.c.kind == CASE, INCIDENT.c.state == "closed", INCIDENT.c.client_id.startswith("story-"))
        reported = (INCIDENT.c.reported_at >= period.start, INCIDENT.c.reported_at < period.end)
        columns = [INCIDENT.c[name] for name in ("id", "number", "longitude", "latitude")]
        asked = select(*columns).where(visible(session, INCIDENT), *its, *reported).order_by(INCIDENT.c.id.desc())
        row = session.execute(asked).first()
    if row is not None:
        stage.move(supervision, Told(*row), "reopen", "回访发现并未办结", "a visit found that it was not settled")


def _figures(stage: Stage, period: Period, zh: str, en: str) -> IncidentFigures:
    """Tell the figures of a period as the street leader sees them; return them."""
    leader = stage.caller("street_leader")
    with stage.acting(leader) as session:
        report = incident_figures(session, stage.settings, Wish(period), datetime.now(UTC))
    stage.tell(leader.name, zh, en)
    for name_zh, name_en, value in _lines(report):
        stage.line(f"    {name_zh} {value} / {name_en}")
    return report


def _lines(report: IncidentFigures) -> list[tuple[str, str, str]]:
    total, meanings = report.total, {each.name: each for each in report.definitions}
    settled = total.settled.model_dump()
    found = [
        (each.name_zh, each.name_en, "n/a" if settled[name] is None else str(settled[name]))
        for name, each in AS_REPORTED.items()
    ]
    for share in total.shares:
        if share.name in ("closing", "closed_in_time", "found_by_patrols"):
            meaning = meanings[share.name]
            value = f"{percent(share.ratio)} ({share.numerator}/{share.denominator})"
            found.append((meaning.name_zh, meaning.name_en, value))
    found.append(("即办", "settled on the spot", str(total.counts.on_the_spot)))
    shown = report.satisfaction
    if shown is not None and shown.asked is not None:
        change = f"{points(shown.change_points)} 个百分点"
        told = f"{percent(shown.ratio)} (n = {shown.asked}),比上月 {change}"
        found.append(("满意度", f"satisfaction, {points(shown.change_points)} points on the month before", told))
    return found


def _compare(stage: Stage, before: FiguresEntry, after: FiguresEntry) -> None:
    was, now = (each.settled.case for each in (before, after))
    stage.tell(
        "gisgrid",
        f"破获治安案件由 {was} 变为 {now}:数字出自记录,不是填报",
        f"cases solved were {was} and are {now}: figures come out of the records, nobody types them in",
    )
