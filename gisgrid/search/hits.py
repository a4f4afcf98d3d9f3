"""What a search finds, and in which order: what is called just so, what begins so, what has it in it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

import geopandas as gpd

from gisgrid.parse import search_key

Kind = Literal["cell", "place", "checkpoint", "person", "incident"]
Bounds = tuple[float, float, float, float]
Found = TypeVar("Found")

ABOVE: Final = ("street", "community", "substation")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. `ref` is the code of a cell or checkpoint, the number of a row, or a sign-in name.

    `note_zh`, `note_en` say what it is; `where` are names of cells, the largest first; bounds and point in degrees.
    """

    kind: Kind
    ref: str
    name: str
    note_zh: str = ""
    note_en: str = ""
    where: Sequence[str] = ()
    bbox: Bounds | None = None
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """The best hits of a kind; `is_more`: there are others."""

    hits: list[Hit] = field(default_factory=list)
    is_more: bool = False


def rank(key: str, *texts: str) -> int | None:
    """Return how well texts answer a key: 0 is one of them, 1 one begins so, 2 one has it in it; None for none."""
    ranks = [_rank(key, search_key(text)) for text in texts if text]
    return min((each for each in ranks if each is not None), default=None)


def _rank(key: str, text: str) -> int | None:
    if text.startswith(key):
        return int(text != key)
    return 2 if key in text else None


def best(found: Iterable[tuple[int | None, Found]], limit: int) -> tuple[list[Found], bool]:
    """Return the best of some that are ranked, in their order, and whether there are more; without a rank is none."""
    ranked = sorted((each for each in found if each[0] is not None), key=lambda each: each[0] or 0)
    return [thing for _, thing in ranked[:limit]], len(ranked) > limit


def bounds_of(west: float, south: float, east: float, north: float) -> Bounds:
    """Return bounds as they go over the wire."""
    return (round(west, 6), round(south, 6), round(east, 6), round(north, 6))


def names_of(cells: gpd.GeoDataFrame, codes: Iterable[str | None]) -> list[str]:
    """Return the names of cells by their codes, in that order; those of no cell of this grid are left out."""
    names = dict(zip(cells["code"], cells["name"], strict=True))
    return [names[code] for code in codes if code in names]
