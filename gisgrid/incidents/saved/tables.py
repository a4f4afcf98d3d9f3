"""Rows of the saved searches: whose each is, what it is called, and what it asks for."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId


class SavedSearch(Base):
    """A search for incidents under a name of somebody's own; `query` is the part of an address after the `?`.

    It is asked for by its person alone, and holds no right: whoever makes it again sees what they may see then.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str]
    query: Mapped[str]
