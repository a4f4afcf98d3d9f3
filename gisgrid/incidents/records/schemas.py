"""A record of the past, as a line of a file has it."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from gisgrid.incidents.figures.course import Level
from gisgrid.incidents.figures.definitions import LEVELS
from gisgrid.incidents.sources import SOURCES, Source
from gisgrid.wire import Coordinate, CrsName, Moment, Name, Prose, Sent
from gisgrid.words import told


def _source(value: object) -> object:
    word = str(value).strip().casefold()
    named = {each: source for source, (zh, en) in SOURCES.items() for each in (source, zh, en.casefold())}
    if word not in named:
        known = "、".join(zh for zh, _ in SOURCES.values())
        raise told(f"应为来源之一:{known}", f"must be one of {', '.join(SOURCES)}")
    return named[word]


def _level(value: object) -> object:
    word = str(value).strip().casefold()
    named = {each: level for level, names in LEVELS.items() for each in (level, *names)} | {"分站": "substation"}
    if word not in named:
        raise told("应为街道、社区或工作分站", "must be street, community or substation")
    return named[word]


class RecordCreate(Sent):
    """An incident of the past: where, by position or by cell, and when each thing was done."""

    kind: Name
    reported_at: Moment
    longitude: Coordinate | None = None
    latitude: Coordinate | None = None
    crs: CrsName | None = None
    cell: Name | None = Field(default=None, description="the cell in which it lies, where there is no position")
    description: Prose = ""
    client_id: Name | None = None
    source: Annotated[Source, BeforeValidator(_source)] = "staff"
    outside_number: Name | None = None
    condition: Name | None = Field(default=None, description="the first of its kind, if it is left out")
    department: Name | None = Field(default=None, description="that of its kind, if it is left out")
    complained_cell: Name | None = None
    complained_department: Name | None = None
    answered_at: Annotated[Level | None, BeforeValidator(_level)] = Field(
        default=None, description="the level that saw it through, if above that in which it lies"
    )
    filed_at: Moment | None = None
    dispatched_at: Moment | None = None
    handled_at: Moment | None = None
    closed_at: Moment | None = None
    settled_at: Moment | None = None
