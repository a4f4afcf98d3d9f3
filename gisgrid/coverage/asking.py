"""What a report is asked for with, read once for routes, commands and pages: a period, a level, whom it is of."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gisgrid.coverage.group import Group, group_of_patrol, group_of_people, group_of_plan
from gisgrid.errors import Forbidden, Refused
from gisgrid.patrols.reading import PurposeNeeded
from gisgrid.sight import seeing
from gisgrid.staff.caller import Caller, sight_for

MOST_PEOPLE = 200


class TwoGroups(Refused):
    """A report that is asked for of two groups at once."""


class NotOfPeople(Forbidden):
    """The figures of named people are for those alone who may see their tracks."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a report is to be of, as it is asked for: the people of a plan by its number, some people, or one outing.

    `purpose`: what a look at named people is for.
    """

    plan: int | None = None
    people: Sequence[str] = ()
    patrol: str | None = None
    purpose: str | None = None


def asked_group(session: Session, caller: Caller, whom: Whom) -> Group | None:
    """Return the group that is asked for, None for everybody; of named people only for a purpose, as their tracks are.

    Raises TwoGroups, NotOfPeople, PurposeNeeded, NoSuchPlan, NoSuchPeople.
    """
    if whom.plan is not None and (whom.people or whom.patrol):
        raise TwoGroups("plan 与 people、patrol 不能同时指定", "give either plan or people and patrol, not both")
    if whom.patrol is not None and len(whom.people) != 1:
        raise TwoGroups(
            "patrol 须与一名人员一起指定,例如 people=P1&patrol=1", "patrol goes with one person: people=P1&patrol=1"
        )
    if whom.plan is not None:
        with seeing(session, sight_for(session, caller, "tracks")):  # as plans are seen everywhere
            return group_of_plan(session, whom.plan)
    return _named(session, caller, whom) if whom.people else None


def _named(session: Session, caller: Caller, whom: Whom) -> Group:
    if not caller.may("tracks"):
        raise NotOfPeople(
            "只有可以查看轨迹的岗位才能按人员查询;本人的当月情况见“我的”",
            "figures of named people are for those who may see their tracks; one's own month is on one's own page",
        )
    if whom.purpose is None:
        raise PurposeNeeded(
            "按人员查询须写明目的,例如 purpose=核查11月1日巡查异议(5 至 200 字),当事人可以看到",
            "to see figures of named people say what for, as purpose=checking an objection (5 to 200 characters); "
            "they can see it",
        )
    with seeing(session, sight_for(session, caller, "tracks")):
        if whom.patrol is not None:
            return group_of_patrol(session, whom.people[0], whom.patrol)
        return group_of_people(session, whom.people)
