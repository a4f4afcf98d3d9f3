"""What supervision orders look like on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from gisgrid.incidents.orders.issue import Wanted
from gisgrid.wire import Moment, Name, Prose, Sent


class OrderCreate(Sent):
    """An order: what is to be done, and by when to reply. Without an addressee it goes to whoever acts on it now."""

    words: Prose = Field(min_length=1, description="what is to be done")
    deadline_at: Moment = Field(description="until when a reply is asked for")
    department: Name | None = Field(default=None, description="the code of the department to which it goes")
    person: Name | None = Field(default=None, description="or the sign-in name of the person")

    @property
    def wanted(self) -> Wanted:
        """The order as it is asked for."""
        return Wanted(**self.model_dump())


class ReplyCreate(Sent):
    """A reply to an order."""

    words: Prose = Field(min_length=1, description="what was done")


class OrderEntry(BaseModel):
    """An order. `issued_by` is null for the timer's and the erased; one addressee is given, a cell by its code."""

    id: int
    number: str
    incident_id: int
    incident_number: str | None
    words: str
    issued_by: str | None
    is_by_timer: bool
    issued_at: datetime
    deadline_at: datetime
    department_zh: str | None
    department_en: str | None
    addressee_person: str | None
    addressee_code: str | None
    reply: str
    replied_by: str | None
    replied_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None
    is_overdue: bool
    may_reply: bool
    may_close: bool


class Orders(BaseModel):
    """Orders, the newest first."""

    orders: list[OrderEntry]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815
