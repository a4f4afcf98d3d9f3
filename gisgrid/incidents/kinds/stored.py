"""Which edition of the kinds is in force on a day: the latest that has begun, else the one that comes with the program.

An edition is read from its tables once.
"""

from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.documents.csv_table import csv_bytes
from gisgrid.documents.sheets import Rows, read_rows
from gisgrid.incidents.kinds.edition import Edition, Kind, unknown_kind
from gisgrid.incidents.kinds.read_edition import read_edition
from gisgrid.incidents.kinds.tables import KindEdition
from gisgrid.incidents.kinds.write_edition import write_edition

SINCE_EVER: Final = date(1900, 1, 1)
"""First day of the edition that comes with the program, before whatever can be reported."""
KEPT: Final = 100
"""Editions that are kept as they were read."""


class _Key(NamedTuple):
    """An edition as it is stored: one that is replaced before its first day has another `imported_at`."""

    id: int
    first_day: date
    imported_at: datetime


_read: dict[_Key, Edition] = {}


class Editions:
    """The editions of a database as a session sees them now; asked for once, however many days are asked about."""

    def __init__(self, session: Session) -> None:
        self._session = session
        asked = select(KindEdition.id, KindEdition.first_day, KindEdition.imported_at)
        self._keys = [_Key(*row) for row in session.execute(asked.order_by(KindEdition.first_day))]

    def on(self, day: date) -> Edition:
        """Return the edition in force on a day."""
        begun = bisect(self._keys, day, key=lambda key: key.first_day)
        return self._edition(self._keys[begun - 1]) if begun else starter()

    def at(self, moment: datetime, zone: ZoneInfo) -> Edition:
        """Return the edition in force on the local day of a moment."""
        return self.on(moment.astimezone(zone).date())

    def require(self, code: str) -> str:
        """Return a code that is in any edition, of whichever days. Raises UnknownKind."""
        if any(code in edition.kinds for edition in self._all()):
            return code
        raise unknown_kind()

    def kind_at(self, code: str, moment: datetime, zone: ZoneInfo) -> Kind | None:
        """Return the kind that a code had on the local day of a moment; None where that edition has it not."""
        return self.at(moment, zone).kinds.get(code)

    def _all(self) -> Iterator[Edition]:
        yield starter()
        yield from (self._edition(key) for key in self._keys)

    def _edition(self, key: _Key) -> Edition:
        found = _read.get(key)
        if found is None:
            asked = select(KindEdition.kinds, KindEdition.conditions).where(KindEdition.id == key.id)
            kinds, conditions = self._session.execute(asked).one()
            if len(_read) >= KEPT:
                _read.clear()
            found = _read[key] = read_edition(_rows(kinds.encode()), _rows(conditions.encode()), key.first_day)
        return found


def edition_on(session: Session, day: date) -> Edition:
    """Return the edition in force on a day."""
    return Editions(session).on(day)


def edition_now(session: Session, zone: ZoneInfo) -> Edition:
    """Return the edition in force today; `zone` says where a day begins."""
    return Editions(session).at(datetime.now(UTC), zone)


@cache
def starter() -> Edition:
    """Return the edition that comes with the program."""
    kinds, conditions = (files(__package__).joinpath(f"{name}.csv").read_bytes() for name in ("kinds", "conditions"))
    return read_edition(_rows(kinds), _rows(conditions), SINCE_EVER)


def texts(edition: Edition) -> tuple[str, str]:
    """Return the two tables of an edition as they are stored."""
    kinds, conditions = (csv_bytes(rows).decode("utf-8-sig") for rows in write_edition(edition))
    return kinds, conditions


def _rows(data: bytes) -> Rows:
    (rows,) = read_rows(data, "edition.csv").values()
    return rows
