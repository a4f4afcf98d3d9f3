"""What lies on the cells: checkpoints, incidents, tracks, faults."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.maps.layers import Feature, Features, drawable, feature, rows_of

METRES_A_DEGREE = 111_320  # of latitude, good to 1 %: this only decides how a line is drawn
COLOURS = 6  # of tracks, p0 to p5 in static/map.css
OTHERS = f"p{COLOURS - 1}"  # of the rare classes of incidents


class Fault(Protocol):
    """One thing wrong with a layer: what, in two languages, and where (None: nowhere, a cell that is missing)."""

    @property
    def zh(self) -> str: ...  # noqa: D102
    @property
    def en(self) -> str: ...  # noqa: D102
    @property
    def geometry(self) -> BaseGeometry | None: ...  # noqa: D102
    @property
    def codes(self) -> Sequence[str]: ...  # noqa: D102


def checkpoints(points: gpd.GeoDataFrame) -> Features:
    """Checkpoints as rings, with the reach of each drawn to scale."""
    return Features(
        (
            feature(
                point.geometry,
                css="checkpoint",
                title=point.name,
                rows=[("编码 Code", str(point.code)), ("打卡半径 Radius", f"{point.radius_m:g} m")],
                radius_m=float(point.radius_m),
            )
            for point in rows_of(points)
        ),
        pane="marks",
        points="dot",
        card="tooltip",
    )


@dataclass(frozen=True)
class IncidentClass:
    """How the incidents of one class are drawn: its colour (p0 to p5) and form, its letter, how many there are."""

    name: str
    css: str
    sign: str
    count: int


def incident_classes(names: pd.Series) -> dict[str, IncidentClass]:
    """Give the most frequent classes a colour and form each, the rest the last colour; all have a letter.

    `names` has the class of each incident. The letter is the first of the name that no class before it has.
    """
    made: dict[str, IncidentClass] = {}
    counts = sorted(names.value_counts().items(), key=lambda item: (-item[1], str(item[0])))
    for number, (name, count) in enumerate(counts):
        taken = {item.sign for item in made.values()}
        sign = next((letter for letter in str(name) if letter not in taken), "")
        made[str(name)] = IncidentClass(str(name), _form(number), sign, count)
    return made


def _form(number: int) -> str:
    """Squares of all colours but the last, then circles of the same; all others share the last colour."""
    own = COLOURS - 1
    return f"p{number % own}{' round' * (number // own)}" if number < 2 * own else OTHERS


def incidents(frame: pd.DataFrame, classes: dict[str, IncidentClass], zone: ZoneInfo) -> Features:
    """Incidents as squares with a letter; the card tells kind, time and description.

    `frame` has `kind_name`, `class_name`, `description`, `reported_at`, `longitude`, `latitude`.
    """
    return Features(
        (
            feature(
                shapely.Point(row.longitude, row.latitude),
                css=f"incident {classes[row.class_name].css}",
                sign=classes[row.class_name].sign,
                title=row.kind_name,
                rows=[("类别 Class", row.class_name), ("上报 Reported", local_time(row.reported_at, zone))],
                text=row.description or None,
            )
            for row in rows_of(frame)
        ),
        pane="signs",
        points="icon",
        card="popup",
    )


def track(fixes: pd.DataFrame, colour: int, *, gap_s: float, length_m: float) -> Features:
    """The line of one patrol's fixes in order: solid where they follow each other, dotted where nobody knows the way.

    That is between fixes more than `gap_s` seconds or `length_m` metres apart.
    """
    places = fixes[["longitude", "latitude"]].to_numpy(float)
    steps = shapely.linestrings(np.stack([places[:-1], places[1:]], 1))
    unknown = unknown_ways(fixes, gap_s=gap_s, length_m=length_m)
    return Features(
        (
            feature(_joined(steps[chosen]), css=f"{css} {patrol_css(colour)}")
            for css, chosen in (("track", ~unknown), ("silence", unknown))
            if chosen.any()
        ),
        pane="marks",
    )


def unknown_ways(fixes: pd.DataFrame, *, gap_s: float, length_m: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell of each way from a fix to the next whether nobody knows it: one fewer than there are fixes."""
    places = fixes[["longitude", "latitude"]].to_numpy(float)
    far = np.hypot(*(np.diff(places, axis=0) * [np.cos(np.radians(places[0, 1])), 1]).T) * METRES_A_DEGREE > length_m
    return np.asarray(far | (fixes["fix_at"].diff().dt.total_seconds().to_numpy()[1:] > gap_s))


def fixes_of(fixes: pd.DataFrame, colour: int, zone: ZoneInfo) -> Features:
    """Each fix as a dot whose card tells its time and accuracy."""
    return Features(
        (
            feature(
                shapely.Point(row.longitude, row.latitude),
                css=f"fix {patrol_css(colour)}",
                title=local_time(row.fix_at, zone, seconds=True),
                rows=[("精度 Accuracy", "未知 unknown" if pd.isna(row.accuracy_m) else f"±{row.accuracy_m:.0f} m")],
                size=3,
            )
            for row in rows_of(fixes)
        ),
        pane="marks",
        points="dot",
        card="tooltip",
    )


def patrol_css(number: int) -> str:
    """Return the classes of what belongs to a patrol: its colour, of which there are few, and a name of its own."""
    return f"p{number % COLOURS} patrol-{number}"


def marks_of(fixes: pd.DataFrame, number: int, share: float, zone: ZoneInfo) -> Features:
    """The first and the last fix of a patrol, and the one at `share` of its way, with the patrol's number from 1.

    Patrols that walk the same way have their numbers at different shares, so that they stand side by side. Marks lie on
    each other all the same, and the legend has their times: no key needs to reach them.
    """
    told = str(number + 1)
    middle = round(share * (len(fixes) - 1))
    ends = (
        ("start", "起", "起点 Start", 0),
        ("number", told, f"巡查 Patrol {told}", middle),
        ("end", told, f"终点 End {told}", len(fixes) - 1),
    )
    return Features(
        (
            feature(
                shapely.Point(fixes["longitude"].iloc[place], fixes["latitude"].iloc[place]),
                css=f"{css} {patrol_css(number)}",
                sign=sign,
                title=title,
                rows=[("时间 Time", local_time(fixes["fix_at"].iloc[place], zone, seconds=True))],
            )
            for css, sign, title, place in ends
        ),
        pane="signs",
        points="icon",
        card="tooltip",
        keys=False,
    )


def faults(found: Iterable[Fault]) -> tuple[Features, Features]:
    """Faults drawn where they are, and a numbered mark on each so that the smallest is seen.

    Keys reach the shapes, and the list: many marks lie on each other.
    """
    placed = [(number, fault) for number, fault in enumerate(found, 1) if drawable(fault.geometry)]
    shapes = [feature(fault.geometry, css="fault", **_told(fault)) for _, fault in placed]
    marks = [
        feature(shapely.Point(place_of(fault)), css="fault", sign=str(number), **_told(fault))
        for number, fault in placed
    ]
    return (
        Features(shapes, pane="lines", points="dot", card="popup"),
        Features(marks, pane="signs", points="icon", card="popup", keys=False),
    )


def place_of(fault: Fault) -> shapely.Point | None:
    """A point on the fault, or None."""
    shape = fault.geometry
    return None if shape is None or shape.is_empty else shapely.Point(shape.representative_point())


def local_time(value: Any, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Write a zone-aware instant as local time; empty for a missing one."""
    if pd.isna(value):
        return ""
    return pd.Timestamp(value).tz_convert(zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def _told(fault: Fault) -> Feature:
    rows = [("编码 Codes", "、".join(fault.codes))] if fault.codes else []
    return {"title": fault.zh, "rows": rows, "text": fault.en}


def _joined(steps: np.ndarray[Any, Any]) -> BaseGeometry:
    return shapely.line_merge(shapely.multilinestrings(steps), directed=True)
