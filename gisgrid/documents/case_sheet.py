"""The case sheet (案卷单) of an incident, to be printed and signed. It shows what it is handed, all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import jinja2

from gisgrid.documents.pdf import pdf_of

ENGINE: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
MAP: Final = "map"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done: `move` as people call it, `who` with their office if need be."""

    at: datetime
    who: str
    move: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A follow-up visit, and how satisfied they were who were visited."""

    at: datetime
    who: str
    satisfaction: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo: the bytes of a JPEG or PNG, and what stands below it."""

    data: bytes
    caption: str = ""


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """Everything that is printed, in words of the office; times are shown in `zone`, the place in WGS 84 degrees.

    `cells`: the names of street, community and substation. `mark`: what stands in the corner, as 保密. `map_image`: PNG
    or SVG (see `small_map`). What is empty is printed as a dash.
    """

    office: str
    number: str
    kind: str
    description: str
    source: str
    reported_at: datetime
    place: str
    longitude: float
    latitude: float
    cells: Sequence[str]
    condition: str
    limit: str
    state: str
    due_at: datetime | None
    lead_department: str
    zone: ZoneInfo
    printed_at: datetime
    printed_by: str
    steps: Sequence[Step] = ()
    visits: Sequence[Visit] = ()
    pictures: Sequence[Picture] = ()
    map_image: bytes | None = None
    mark: str = ""


def case_sheet(sheet: CaseSheet) -> bytes:
    """Return a case sheet as a PDF, A4; see `pdf_of` for where to call it.

    Raises NoPango, NoFont.
    """
    images = {f"photo-{number}": picture.data for number, picture in enumerate(sheet.pictures, 1)}
    if sheet.map_image is not None:
        images[MAP] = sheet.map_image
    return pdf_of(case_page(sheet), images=images)


def case_page(sheet: CaseSheet) -> str:
    """Return the page of HTML of which the PDF is made."""
    template = ENGINE.get_template("case_sheet.html")
    return template.render(sheet=sheet, moment=partial(_moment, sheet.zone), position=_position(sheet))


def _moment(zone: ZoneInfo, moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _position(sheet: CaseSheet) -> str:
    east, north = ("东经" if sheet.longitude >= 0 else "西经"), ("北纬" if sheet.latitude >= 0 else "南纬")
    return f"{east} {abs(sheet.longitude):.6f}°，{north} {abs(sheet.latitude):.6f}°（WGS 84）"
