"""What publications look like on the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from gisgrid.publications.publish import Wish
from gisgrid.wire import Moment, Name, Prose, Sent


class PublicationCreate(Sent):
    """What is to be published to staff, and to whom."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "台风橙色预警",
                    "words": "今晚 20 时前完成海岸线巡查。",
                    "cell": "440307009005",
                    "must_confirm": True,
                }
            ]
        }
    )

    title: Name = Field(description="what it is about, in one line; endpoints outside are told it")
    words: Prose = Field(min_length=1, description="what is said; it does not leave the service")
    cell: Name | None = Field(default=None, description="code of the cell: its staff, and those below; else everybody")
    role: Name | None = Field(default=None, description="code of a role: people who have it there; else any role")
    must_confirm: bool = Field(default=False, strict=True, description="to have seen it is not enough")
    ends_at: Moment | None = Field(default=None, description="when it is over, with a zone; without it, for good")

    @property
    def wish(self) -> Wish:
        """The publication as it is wished for."""
        return Wish(self.title, self.words, self.cell, self.role, self.must_confirm, self.ends_at)


class PublicationRecord(BaseModel):
    """A publication. `cell` and `role` are null where it is for all; `published_by` where nobody knows any more."""

    id: int
    title: str
    words: str
    cell: str | None = Field(validation_alias="cell_code")
    role: str | None
    must_confirm: bool
    published_by: str | None
    published_at: datetime
    ends_at: datetime | None
    withdrawn_at: datetime | None


class OwnPublication(PublicationRecord):
    """A publication for whoever asks, and since when they have seen and confirmed it."""

    is_unread: bool
    seen_at: datetime | None
    confirmed_at: datetime | None


class OwnPublications(BaseModel):
    """Publications for whoever asks, the unread first, then the newest."""

    publications: list[OwnPublication]
    unread: int
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815


class Published(PublicationRecord):
    """A publication of one's cells: how many have seen and confirmed it."""

    seen: int
    confirmed: int


class PublishedList(BaseModel):
    """Publications of one's cells, the newest first, those too that are over or withdrawn."""

    publications: list[Published]
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815


class ReceiptRecord(BaseModel):
    """Somebody whom a publication is for, and since when they have seen and confirmed it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    full_name: str
    seen_at: datetime | None
    confirmed_at: datetime | None


class Receipts(BaseModel):
    """Who has taken note of a publication, and who has not; these first."""

    publication: Published
    receipts: list[ReceiptRecord]
