"""What a search answers on the wire."""

from typing import Literal

from pydantic import BaseModel

from gisgrid.search.hits import Bounds, Kind

GroupKind = Literal["cells", "places", "people", "incidents"]


class HitEntry(BaseModel):
    """One thing that was found: `ref` is its code, number or sign-in name; a person has no place."""

    kind: Kind
    ref: str
    name: str
    note_zh: str
    note_en: str
    where: list[str]
    bbox: Bounds | None
    point: tuple[float, float] | None


class HitGroup(BaseModel):
    """What was found of one kind, the best first; `is_more`: more than fit."""

    kind: GroupKind
    hits: list[HitEntry]
    is_more: bool


class SearchAnswer(BaseModel):
    """What was found; kinds of which nothing was found, or which are not for whoever asks, are left out."""

    groups: list[HitGroup]
