"""Tracks for whoever studies them: under pseudonyms that no two exports share, with a mark of who took them and why."""

import csv
import hmac
import io
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.grid.tables import LEVELS
from gisgrid.parameters import Period
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.privacy.subject import words_for

Form = Literal[".csv", ".geojson"]
COLUMNS: Final = [
    *("patroller", "outing", "fix_at", "longitude", "latitude", "accuracy_m"),
    *(f"{level}_code" for level in LEVELS),
]
DIGITS: Final = 16
"""Hexadecimal digits of a pseudonym, after a letter: no spreadsheet takes it for a number."""
WARNING: Final = (
    "假名化而非匿名化,不得公开或设法识别个人 / pseudonymous, not anonymous: neither publish nor try to identify"
)


class Mark(NamedTuple):
    """What every export says of itself."""

    number: str
    at: datetime
    by: str
    purpose: str
    period: str
    cell: str | None
    fixes: int

    @property
    def told(self) -> dict[str, str | int | None]:
        """The mark as JSON has it."""
        return {**self._asdict(), "at": self.at.isoformat(), "warning": WARNING}


class Tracks(NamedTuple):
    """An export: its mark, and the fixes in the order of their time, with COLUMNS; times in UTC, None for missing."""

    mark: Mark
    fixes: pd.DataFrame


def tracks(session: Session, period: Period, cell: str | None, purpose: str, by: str) -> Tracks:
    """Return the fixes that count of a period, in a cell (its code) if one is named, without a trace of the rows.

    Patrollers and outings are named by a keyed hash; the key is thrown away. Raises NoSuchCell, WordsNeeded.
    """
    words = words_for(purpose, "用途", "purpose")
    frame = fixes_frame(session, period, cell)
    key = secrets.token_bytes(32)
    frame["patroller"] = _pseudonyms(key, "patroller", frame["patroller_id"])
    frame["outing"] = _pseudonyms(key, "outing", frame["patrol_id"])
    told = frame.sort_values(["fix_at", "patroller", "longitude", "latitude"], ignore_index=True)[COLUMNS]
    now = datetime.now(UTC)
    number = f"{now:%Y%m%d}-{secrets.token_hex(4)}"
    plain = told.astype(object).where(told.notna(), None)
    return Tracks(Mark(number, now, by, words, period.text, cell, len(plain)), plain)


def _pseudonyms(key: bytes, kind: str, rows: pd.Series) -> pd.Series:
    def name(row: object) -> str:
        return kind[0] + hmac.digest(key, f"{kind} {row}".encode(), "sha256").hex()[:DIGITS]

    return rows.astype(object).map({row: name(row) for row in rows.dropna().unique()}).astype(object)


def as_file(found: Tracks, form: Form) -> Iterator[bytes]:
    """Yield an export as a file, part by part. A CSV has its mark above the table, in lines that begin with #."""
    return _as_csv(found) if form == ".csv" else _as_geojson(found)


def _as_csv(found: Tracks) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for name, value in found.mark.told.items():
        yield _line([f"# {name}: {'' if value is None else value}"])
    yield _line(COLUMNS)
    for row in found.fixes.itertuples(index=False):
        yield _line([_text(value) for value in row])


def _line(values: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().encode()


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _as_geojson(found: Tracks) -> Iterator[bytes]:
    mark = json.dumps(found.mark.told, ensure_ascii=False)
    yield f'{{"type":"FeatureCollection","export":{mark},"features":['.encode()
    for number, row in enumerate(found.fixes.to_dict("records")):
        place = {"type": "Point", "coordinates": [row.pop("longitude"), row.pop("latitude")]}
        told = {**row, "fix_at": row["fix_at"].isoformat()}
        made = {"type": "Feature", "geometry": place, "properties": told}
        yield (",\n" if number else "\n").encode() + json.dumps(made, ensure_ascii=False).encode()
    yield b"\n]}\n"


def record_tracks(session: Session, actor: Actor, mark: Mark, sha256: str) -> None:
    """Record an export in the audit."""
    told = {"number": mark.number, "purpose": mark.purpose, "period": mark.period, "cell": mark.cell}
    record(session, actor, "export.tracks", None, **told, fixes=mark.fixes, sha256=sha256)
