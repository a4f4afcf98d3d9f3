"""Whose a fix is that is sent in, and whether it counts: that depends on who sends it and who was on duty at its time.

A device speaks for whoever was signed on to it when the fix was measured. If nobody was, the fix waits, withheld, in
the device's own name, which nobody sees, until somebody signs on late for that time. Somebody's own browser or key
speaks for them alone. What staff and operators bring in is whose they say, and counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from gisgrid.errors import Conflict, Forbidden, GisgridError, Refused
from gisgrid.geometry import WGS84
from gisgrid.once import table_of
from gisgrid.patrols.duty.consent import WALKING, barred_from_tracks
from gisgrid.patrols.duty.shifts import hold_still
from gisgrid.patrols.people import device_patrollers, known, patroller_ids, patroller_of
from gisgrid.patrols.tables import Patroller, Shift, Standing
from gisgrid.sight import seeing_everything
from gisgrid.staff import scope
from gisgrid.staff.caller import Caller
from gisgrid.staff.names import folded
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tables import Appointment, Person, Token

SHIFT: Final = table_of(Shift)


class NobodySignedOn(Conflict):
    """A device names somebody who was not signed on to it, since nobody was."""


class AnotherSignedOn(Conflict):
    """A device names somebody, and somebody else was signed on to it."""


class NotYourOwn(Forbidden):
    """A fix is sent in another's name."""


class NotYourPatroller(Forbidden):
    """A fix is brought in for somebody who walks elsewhere."""


class PatrollerNeeded(Refused):
    """A fix that is brought in names nobody."""


class PointsOnly(Forbidden):
    """A track of a volunteer who has not agreed to tracks."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A fix as it was sent: raw coordinates in `crs`, times with zone, persons and outings by the sender's names.

    Coordinates may be any numbers, or None. `is_untimed`: no time could be read, and `fix_at` is that of the arrival.
    `attributes` is what else was said, ready for JSON. `checkpoint` is the code of the one that is meant, `code` what
    was shown there; `asks_whether`: whoever sends it wants to know at once whether it counts at a checkpoint.
    `recorded_by` is the number of a device, where somebody brings in what waits in it.
    """

    patroller: str | None
    fix_at: datetime
    received_at: datetime
    longitude: float | None
    latitude: float | None
    crs: str = WGS84
    accuracy_m: float | None = None
    patrol: str | None = None
    client_id: str | None = None
    patroller_name: str = ""
    is_track: bool = False
    is_untimed: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: str | None = None
    code: str | None = None
    recorded_by: int | None = None
    asks_whether: bool = False

    @property
    def measured_at(self) -> datetime:
        """By the phone's clock, unless that runs ahead: nothing is measured after it has arrived."""
        return min(self.fix_at, self.received_at)


class Parcel(NamedTuple):
    """What one caller sends at once; None is an operator, who may bring in anybody's."""

    caller: Caller | None
    sent: Sequence[CheckIn]

    @property
    def is_of_device(self) -> bool:
        """Whether a device sends it, whoever carries it."""
        return self.caller is not None and self.caller.kind == "device"

    @property
    def token(self) -> int:
        """The row of the token of its caller."""
        return (self.caller.token if self.caller else None) or 0


class Owner(NamedTuple):
    """Whose a fix is, and how it stands before it is judged: `sender_id` and the others as in the table."""

    sender_id: int
    patroller_id: int
    standing: Standing = "counted"
    is_by_shift: bool = False
    token_id: int | None = None


class _Duty(NamedTuple):
    patroller_id: int
    token_id: int | None
    started_at: datetime
    ended_at: datetime
    ref: str
    name: str


Owners = list[Owner | GisgridError]


def owners_of(session: Session, parcels: Sequence[Parcel]) -> Owners:
    """Return whose each fix of all parcels is, in their order, or why it is refused."""
    by_device = _by_devices(session, [parcel for parcel in parcels if parcel.is_of_device and parcel.sent])
    owners = [owner for parcel in parcels for owner in _owners(session, parcel, by_device)]
    return _without_tracks(session, [(parcel, fix) for parcel in parcels for fix in parcel.sent], owners)


def _owners(session: Session, parcel: Parcel, by_device: Iterator[Owners]) -> Owners:
    if not parcel.sent:
        return []
    if parcel.caller is None:
        return _brought(session, parcel.sent)
    return next(by_device) if parcel.is_of_device else _by_person(session, parcel.sent, parcel.caller)


def _brought(session: Session, sent: Sequence[CheckIn]) -> Owners:
    """Return whose the fixes are that somebody brings in; the device in which they wait, if it is one, has sent them.

    When it reaches the service later, what it sends itself is then known.
    """
    ids = patroller_ids(session, {fix.patroller: fix.patroller_name for fix in sent if fix.patroller})
    named = {fix.recorded_by for fix in sent if fix.recorded_by is not None}
    is_device = (Token.kind == "device", Token.id.in_(named))
    senders = device_patrollers(session, session.scalars(select(Token.id).where(*is_device))) if named else {}
    return [
        Owner(senders.get(fix.recorded_by or 0, ids[fix.patroller]), ids[fix.patroller])
        if fix.patroller
        else _nobody_named()
        for fix in sent
    ]


def _nobody_named() -> PatrollerNeeded:
    return PatrollerNeeded("请写明巡查员:patroller", "say whose it is: patroller")


# --- what devices send -----------------------------------------------------------------------------


def _by_devices(session: Session, parcels: Sequence[Parcel]) -> Iterator[Owners]:
    tokens = {parcel.token for parcel in parcels}
    sent = [fix for parcel in parcels for fix in parcel.sent]
    if not sent:
        return iter([[] for _ in parcels])
    duties = defaultdict(list)
    for duty in _duties(session, sent, ON_DEVICES, list(tokens)):
        duties[duty.token_id].append(duty)
    senders = device_patrollers(session, tokens)
    return iter([_by_device(parcel, duties[parcel.token], senders[parcel.token]) for parcel in parcels])


def _by_device(parcel: Parcel, duties: Sequence[_Duty], sender_id: int) -> Owners:
    """Return whose a device's fixes are; `duties` are those on it."""
    waiting = Owner(sender_id, sender_id, "withheld", True, parcel.token)
    return [_carrier(fix, _duty_at(duties, fix.measured_at), waiting) for fix in parcel.sent]


def _carrier(fix: CheckIn, duty: _Duty | None, waiting: Owner) -> Owner | GisgridError:
    """Return whose a device's fix is: `waiting` where nobody was signed on, and nobody is named."""
    if duty is None:
        return _nobody_signed_on() if fix.patroller else waiting
    if fix.patroller and folded(fix.patroller) not in (folded(duty.ref), folded(duty.name)):
        return AnotherSignedOn(
            "定位时此设备由他人签到使用;请去掉 patroller,或核对是谁签到",
            "somebody else was signed on to this device then: leave `patroller` out, or see who is signed on",
        )
    return waiting._replace(patroller_id=duty.patroller_id, standing="counted")


def _nobody_signed_on() -> NobodySignedOn:
    return NobodySignedOn(
        "定位时没有人在此设备上签到;请补签到(POST /api/shifts,写 started_at)后重发,或去掉 patroller",
        "nobody was signed on to this device then: sign on late (POST /api/shifts with started_at) and send it again, "
        "or leave `patroller` out",
    )


DUTIES: Final = (
    select(SHIFT.c.patroller_id, SHIFT.c.token_id, SHIFT.c.started_at, SHIFT.c.ended_at, Patroller.ref, Person.name)
    .join(Patroller, Patroller.id == SHIFT.c.patroller_id)
    .join(Person, Person.id == Patroller.person_id)
    .where(SHIFT.c.started_at <= bindparam("latest"), SHIFT.c.ended_at > bindparam("earliest"))
)
ON_DEVICES: Final = DUTIES.where(SHIFT.c.token_id.in_(bindparam("whose", expanding=True)))
OF_PATROLLERS: Final = DUTIES.where(SHIFT.c.patroller_id.in_(bindparam("whose", expanding=True)))


def _duties(session: Session, sent: Sequence[CheckIn], asked: Select[Any], whose: list[int]) -> list[_Duty]:
    """Return the shifts that some fixes may lie in; they stay as they are until the transaction ends."""
    hold_still(session)
    moments = [fix.measured_at for fix in sent]
    given = {"whose": whose, "earliest": min(moments), "latest": max(moments)}
    with seeing_everything(session):  # a device sees nothing at all
        return [_Duty(*row) for row in session.execute(asked, given)]


def _duty_at(duties: Sequence[_Duty], moment: datetime) -> _Duty | None:
    return next((duty for duty in duties if duty.started_at <= moment < duty.ended_at), None)


# --- what a person sends ---------------------------------------------------------------------------


def _by_person(session: Session, sent: Sequence[CheckIn], caller: Caller) -> Owners:
    mine, names = None, set()
    if caller.may("check_in"):
        mine = patroller_of(session, caller.person or 0)
        names = {folded(caller.name), folded(mine.ref)}
    is_own = [mine is not None and (fix.patroller is None or folded(fix.patroller) in names) for fix in sent]
    own = [fix for fix, is_mine in zip(sent, is_own, strict=True) if is_mine]
    owners = iter(_own(session, own, mine.id) if mine and own else [])
    others = iter(_for_others(session, [fix for fix, is_mine in zip(sent, is_own, strict=True) if not is_mine], caller))
    return [next(owners) if is_mine else next(others) for is_mine in is_own]


def _own(session: Session, sent: Sequence[CheckIn], patroller_id: int) -> list[Owner]:
    duties = _duties(session, sent, OF_PATROLLERS, [patroller_id])
    withheld = Owner(patroller_id, patroller_id, "withheld", True)
    counted = withheld._replace(standing="counted")
    return [counted if _duty_at(duties, fix.measured_at) else withheld for fix in sent]


def _for_others(session: Session, sent: Sequence[CheckIn], caller: Caller) -> Owners:
    if not caller.may("bring_in"):
        return [_not_your_own() for _ in sent]
    allowed = _within_cells(session, {fix.patroller for fix in sent if fix.patroller}, caller)
    refused = [_refused(fix, allowed) for fix in sent]
    owners = iter(_brought(session, [fix for fix, error in zip(sent, refused, strict=True) if error is None]))
    return [next(owners) if error is None else error for error in refused]


def _not_your_own() -> NotYourOwn:
    return NotYourOwn("只能为本人打卡;请去掉 patroller", "you can check in for yourself alone: leave `patroller` out")


def _refused(fix: CheckIn, allowed: Collection[str]) -> GisgridError | None:
    if not fix.patroller:
        return _nobody_named()
    if fix.patroller in allowed:
        return None
    return NotYourPatroller(
        "此巡查员不在您负责的网格内,不能代其录入",
        "this patroller does not walk in your cells, so you cannot bring it in",
    )


def _within_cells(session: Session, refs: set[str], caller: Caller) -> set[str]:
    """Return which names are those of people who walk in the cells for which a caller brings in; if everywhere, all."""
    having = [role for role in caller.roles if "bring_in" in ROLES[role.name]]
    if any(role.cell_code is None for role in having):
        return refs
    codes = scope.sight(session, having, "bring_in", None).codes
    found = known(session, refs)
    people = {each.person for each in found.values() if each.person is not None}
    walking = select(Appointment.person_id).where(Appointment.role.in_(WALKING), Appointment.person_id.in_(people))
    near = set(session.scalars(walking.where(Appointment.cell_code.in_(codes))))
    return {ref for ref, each in found.items() if each.person in near}


# --- tracks of volunteers --------------------------------------------------------------------------


def _without_tracks(session: Session, sent: Sequence[tuple[Parcel, CheckIn]], owners: Owners) -> Owners:
    """Refuse the tracks of volunteers who have not agreed to them; operators may bring in what was agreed elsewhere."""
    tracks = {
        number: owner.patroller_id
        for number, ((parcel, fix), owner) in enumerate(zip(sent, owners, strict=True))
        if fix.is_track and parcel.caller is not None and isinstance(owner, Owner)
    }
    barred = barred_from_tracks(session, set(tracks.values())) if tracks else set()
    return [_points_only() if tracks.get(number) in barred else owner for number, owner in enumerate(owners)]


def _points_only() -> PointsOnly:
    return PointsOnly(
        "志愿者未同意发送轨迹,只能发送单点打卡;如愿意,请先同意:POST /api/me/consents",
        "point check-ins only: this volunteer has not agreed to tracks; to agree: POST /api/me/consents",
    )
