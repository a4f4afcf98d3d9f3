"""A request from a citizen's app becomes an incident, to be verified like all that the public tells.

Nothing is fetched from where a citizen points to, and no address is looked up: what is not taken is said.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.incidents.kinds.stored import edition_now
from gisgrid.incidents.open311.again import client_id_of, sent_before
from gisgrid.incidents.open311.service_list import require_service
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reporter import reporter_of, sender_of
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.staff.caller import Caller
from gisgrid.wire import Coordinate, Name, Prose, Sent, read_one
from gisgrid.words import told

NUMBERS: Final = ("lat", "long")
ADDRESSES: Final = ("address_string", "address_id")
RECEIVED: Final = "已收到,核实后立案 / received; it is verified before it is filed"
NO_MEDIA: Final = "media_url 未采用:本系统不读取外部地址 / media_url is not taken: no other address is read here"


class AddressOnly(Refused):
    """A request that says where it is in words alone, which nobody here can look up."""


def _one_line(value: str) -> str:
    if value and not value.isprintable():
        raise told("不能含换行等控制字符", "must not hold control characters")
    return value.strip()


Line = Annotated[str, StringConstraints(max_length=100), AfterValidator(_one_line)]


class ServiceRequestCreate(Sent):
    """What is taken of the fields of a request; degrees are of WGS 84."""

    service_code: Name = Field(description="a code of the list of services")
    lat: Coordinate = Field(description="latitude in degrees")
    long: Coordinate = Field(description="longitude in degrees")
    description: Prose = Field(default="", description="what is the matter, in the citizen's words")
    first_name: Line = ""
    last_name: Line = ""
    email: Line = ""
    phone: Line = ""

    @property
    def contact(self) -> str:
        """How to reach whoever told of it, as those who handle it see it."""
        name = " ".join(each for each in (self.first_name, self.last_name) if each)
        return ", ".join(each for each in (name, self.phone, self.email) if each)


def submit(session: Session, caller: Caller, zone: ZoneInfo, fields: Mapping[str, str]) -> dict[str, Any]:
    """Store a request as an incident, once if it is sent again; return what the client is told of it.

    Raises NoSuchService, AddressOnly, BadInput, NotOnEarth.
    """
    now = datetime.now(UTC)
    sent = _read(fields)
    kind = require_service(edition_now(session, zone), sent.service_code)
    number = sent_before(session, sender_of(caller), fields, now)
    if number is None:
        its = {"kind": kind.code, "reported_at": now, "client_id": client_id_of(fields, now)}
        number = _store(session, caller, zone, sent, its)
    notice = f"{RECEIVED};{NO_MEDIA}" if fields.get("media_url", "").strip() else RECEIVED
    return {"service_request_id": number, "service_notice": notice, "account_id": None}


def _store(session: Session, caller: Caller, zone: ZoneInfo, sent: ServiceRequestCreate, its: dict[str, Any]) -> str:
    """Report what was sent; return the number, which is the first one's where two came at the same moment."""
    now = its["reported_at"]
    one = Report(
        **its,
        received_at=now,
        longitude=sent.long,
        latitude=sent.lat,
        description=sent.description,
        reported_by=reporter_of(session, caller, now),
        sender=sender_of(caller),
        source="citizen",
        contact=sent.contact,
    )
    (outcome,) = report(session, [one], zone, actor_of(caller))
    if outcome.row is None:
        raise outcome.error or AssertionError("refused without a reason")
    number: str = outcome.row["number"]
    return number


def _read(fields: Mapping[str, str]) -> ServiceRequestCreate:
    given: dict[str, Any] = {name: fields[name] for name in ServiceRequestCreate.model_fields if name in fields}
    given |= {name: _number(given[name]) for name in NUMBERS if given.get(name, "").strip()}
    if not all(given.get(name) for name in NUMBERS) and any(fields.get(name, "").strip() for name in ADDRESSES):
        raise AddressOnly(
            "这里不能由地址文字或编号确定位置,请发送 lat 和 long(WGS 84 度)",
            "no address can be looked up here: send lat and long, in degrees of WGS 84",
        )
    return read_one(ServiceRequestCreate, given)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
