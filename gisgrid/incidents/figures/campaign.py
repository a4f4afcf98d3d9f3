"""The period of figures: that of a special operation (专项行动), by the number of its plan, or any; else this month."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from gisgrid.errors import Conflict, Refused
from gisgrid.incidents.figures.figures import this_month
from gisgrid.parameters import Period
from gisgrid.patrols.plans.read_plans import plan_of
from gisgrid.settings import Settings


class NotAnOperation(Conflict):
    """A plan that is no special operation, which has a first and a last day."""


class TwoPeriods(Refused):
    """A period that is given in two ways at once."""


class Asked(NamedTuple):
    """A period, and the name of the operation whose period it is; None for none."""

    period: Period
    operation: str | None = None


def asked_period(session: Session, settings: Settings, period: Period | None, operation: int | None) -> Asked:
    """Return the period that is asked for. Raises TwoPeriods, NoSuchPlan, NotAnOperation."""
    if operation is None:
        return Asked(period or this_month(settings))
    if period is not None:
        raise TwoPeriods("时段与专项行动只能给一个", "give either a period or an operation, not both")
    plan = plan_of(session, operation)
    if not plan.is_operation or plan.last_day is None:
        raise NotAnOperation("这个计划不是专项行动", "this plan is no special operation")
    days = (plan.first_day, plan.last_day + timedelta(days=1))
    return Asked(Period(*(datetime.combine(day, time(), settings.zone) for day in days)), plan.name)
