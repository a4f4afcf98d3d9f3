"""What is doubtful about a fix: flags, for people to judge. Pure. Nothing is dropped, and nobody is punished by it.

Some flags are seen in a fix alone; two need its neighbours in event time, those of the same sender within NEAR_S: they
are the same whatever order fixes arrive in, because they look at nothing further away.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import IntFlag
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gisgrid.settings import Settings

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

NEAR_S: Final = 600
"""How far in time a fix is compared with others."""
ACCURACY_M: Final = 30.0
"""What is taken for a missing accuracy."""
WEEKS_1024_S: Final = 1024 * 7 * 86_400
"""After so long the week number of GPS begins anew, and a receiver that does not know it dates its fixes back."""
ROLLOVER_S: Final = 40 * 86_400
NULL_DEGREES: Final = 0.01
NEIGHBOURS: Final = 2
FROZEN_FIXES: Final = 5
DEGREE_M: Final = 111_195.0
"""Of a great circle on a sphere of 6,371 km."""


class Flag(IntFlag):
    """What is doubtful about a fix. The numbers are kept in the database."""

    AHEAD = 1 << 0
    FAR_AHEAD = 1 << 1
    OLD = 1 << 2
    ROLLOVER = 1 << 3
    UNTIMED = 1 << 4
    COARSE = 1 << 5
    TELEPORT = 1 << 6
    FROZEN = 1 << 7
    MOCK = 1 << 8
    GCJ02 = 1 << 9
    SEALED = 1 << 10
    SWAPPED = 1 << 11
    NULL_ISLAND = 1 << 12
    NOT_FINITE = 1 << 13
    NOT_ON_EARTH = 1 << 14
    OUTSIDE = 1 << 15
    NEAR_EDGE = 1 << 16


AMONG: Final = Flag.TELEPORT | Flag.FROZEN
"""Flags that depend on the neighbours."""
IN_A_GRID: Final = Flag.OUTSIDE | Flag.NEAR_EDGE | Flag.SWAPPED | Flag.NOT_ON_EARTH | Flag.GCJ02
"""Flags that depend on the cells of the day: what would lie in one with its axes swapped is called swapped."""
NOT_REACHED: Final = Flag.TELEPORT | Flag.FROZEN | Flag.MOCK | Flag.GCJ02
"""Flags of fixes that are left out of areas: where they say they were, probably nobody was."""
QUARANTINED: Final = (
    Flag.FAR_AHEAD
    | Flag.ROLLOVER
    | Flag.UNTIMED
    | Flag.SEALED
    | Flag.SWAPPED
    | Flag.NULL_ISLAND
    | Flag.NOT_FINITE
    | Flag.NOT_ON_EARTH
)
"""Flags of fixes that count only once somebody has released them."""
PLACELESS: Final = Flag.SWAPPED | Flag.NULL_ISLAND | Flag.NOT_FINITE | Flag.NOT_ON_EARTH | Flag.UNTIMED
"""Flags of fixes with which no neighbour is compared."""


class Meaning(NamedTuple):
    """A flag in words; `{}` stands for the value of its setting."""

    zh: str
    en: str
    setting: str = ""


MEANINGS: Final[Mapping[Flag, Meaning]] = {
    Flag.AHEAD: Meaning("时间超前于收到时间 {} 秒以上", "dated more than {} s ahead of its arrival", "ahead_s"),
    Flag.FAR_AHEAD: Meaning("时间超前 {} 小时以上", "dated more than {} h ahead of its arrival", "far_ahead_hours"),
    Flag.OLD: Meaning("测得 {} 天以后才到达", "came more than {} days after it was measured", "old_days"),
    Flag.ROLLOVER: Meaning("GPS 周数回滚,日期早了 1024 周", "dated 1,024 weeks back, as where GPS counts weeks anew"),
    Flag.UNTIMED: Meaning("没有可读的时间", "without a time that can be read"),
    Flag.COARSE: Meaning("精度差于 {} 米", "accuracy worse than {} m", "coarse_m"),
    Flag.TELEPORT: Meaning("与前后定位之间需要超过 {} 公里/小时", "no neighbour in reach below {} km/h", "top_kmh"),
    Flag.FROZEN: Meaning("位置 {} 秒以上分毫不变", "the very same position for {} s or longer", "frozen_s"),
    Flag.MOCK: Meaning("手机报告为模拟定位", "the phone says that the position is mocked"),
    Flag.GCJ02: Meaning("疑为火星坐标(GCJ-02)", "looks like GCJ-02: converted, it lies in a cell"),
    Flag.SEALED: Meaning("到达时当天已封存", "came after its day was sealed"),
    Flag.SWAPPED: Meaning("疑为经纬度颠倒", "longitude and latitude look swapped"),
    Flag.NULL_ISLAND: Meaning("坐标为 0,0", "at 0, 0"),
    Flag.NOT_FINITE: Meaning("坐标不是数字", "the coordinates are no numbers"),
    Flag.NOT_ON_EARTH: Meaning("坐标不在地球上", "the coordinates are no place on earth"),
    Flag.OUTSIDE: Meaning("在所有网格之外", "outside every cell"),
    Flag.NEAR_EDGE: Meaning("靠近网格边界,可能属于相邻网格", "near an edge: it may lie in the cell beyond"),
}


def names_of(flags: int) -> list[str]:
    """Return the names of flags as they stand on the wire, in the order of their numbers."""
    return [str(flag.name).lower() for flag in Flag(flags)]


def doubts(flags: int, settings: Settings) -> list[dict[str, str]]:
    """Return each flag as `flag`, and in words as `zh` and `en`, with the limit of these settings."""
    return [{"flag": str(flag.name).lower(), **told(flag, settings)} for flag in Flag(flags)]


def told(flag: Flag, settings: Settings) -> dict[str, str]:
    """Return one flag in words, `zh` and `en`, with the limit of these settings."""
    meaning = MEANINGS[flag]
    limit = f"{getattr(settings, meaning.setting):g}" if meaning.setting else ""
    return {"zh": meaning.zh.format(limit), "en": meaning.en.format(limit)}


# --- a fix alone -----------------------------------------------------------------------------------


class Facts(NamedTuple):
    """What is known of n fixes, an array each: times in microseconds, `x` and `y` as sent, degrees in WGS 84.

    Degrees are NaN where there are none, accuracies where none was said. The last four say what the caller found out.
    """

    fix_us: Integers
    received_us: Integers
    x: Floats
    y: Floats
    longitude: Floats
    latitude: Floats
    accuracy_m: Floats
    is_mock: Booleans
    is_untimed: Booleans
    is_sealed: Booleans
    is_outside: Booleans
    is_inside_swapped: Booleans
    is_inside_unshifted: Booleans
    is_near_edge: Booleans


Predicate = Callable[[Facts, Settings], Booleans]


def _ahead_s(facts: Facts) -> Floats:
    return (facts.fix_us - facts.received_us) / 1e6


def _is_on_earth(facts: Facts) -> Booleans:
    return (np.abs(facts.longitude) <= 180) & (np.abs(facts.latitude) <= 90)


def _is_finite(facts: Facts) -> Booleans:
    return np.isfinite(facts.x) & np.isfinite(facts.y)


def _is_null(facts: Facts) -> Booleans:
    return (np.abs(facts.longitude) < NULL_DEGREES) & (np.abs(facts.latitude) < NULL_DEGREES)


ALONE: Final[Mapping[Flag, Predicate]] = {
    Flag.AHEAD: lambda facts, settings: _ahead_s(facts) > settings.ahead_s,
    Flag.FAR_AHEAD: lambda facts, settings: _ahead_s(facts) > settings.far_ahead_hours * 3600,
    Flag.OLD: lambda facts, settings: -_ahead_s(facts) > settings.old_days * 86_400,
    Flag.ROLLOVER: lambda facts, _: np.abs(-_ahead_s(facts) - WEEKS_1024_S) < ROLLOVER_S,
    Flag.UNTIMED: lambda facts, _: facts.is_untimed,
    Flag.COARSE: lambda facts, settings: facts.accuracy_m > settings.coarse_m,
    Flag.MOCK: lambda facts, _: facts.is_mock,
    Flag.GCJ02: lambda facts, _: facts.is_outside & facts.is_inside_unshifted & ~facts.is_inside_swapped,
    Flag.SEALED: lambda facts, _: facts.is_sealed,
    Flag.SWAPPED: lambda facts, _: facts.is_inside_swapped,
    Flag.NULL_ISLAND: lambda facts, _: _is_null(facts),
    Flag.NOT_FINITE: lambda facts, _: ~_is_finite(facts),
    Flag.NOT_ON_EARTH: lambda facts, _: _is_finite(facts) & ~_is_on_earth(facts) & ~facts.is_inside_swapped,
    Flag.OUTSIDE: lambda facts, _: facts.is_outside & _is_on_earth(facts),
    Flag.NEAR_EDGE: lambda facts, _: facts.is_near_edge,
}


def judge_alone(facts: Facts, settings: Settings) -> Integers:
    """Return the flags that each fix has by itself."""
    flags = np.zeros(len(facts.x), dtype=np.int64)
    for flag, predicate in ALONE.items():
        flags |= int(flag) * predicate(facts, settings)
    return flags


# --- a fix among its neighbours --------------------------------------------------------------------


class Track(NamedTuple):
    """Fixes of one or several senders, in the order of `in_event_order`. Degrees in WGS 84, microseconds."""

    sender: Integers
    fix_us: Integers
    longitude: Floats
    latitude: Floats
    accuracy_m: Floats


def in_event_order(track: Track) -> NDArray[np.intp]:
    """Return the order in which fixes are judged: two that agree in all of it are interchangeable."""
    keys: Sequence[NDArray[np.generic]] = track[::-1]
    return np.lexsort(keys)


def judge_among(track: Track, settings: Settings) -> Integers:
    """Return the flags AMONG of each fix of an ordered track."""
    teleport = int(Flag.TELEPORT) * _is_out_of_reach(track, settings.top_kmh / 3.6)
    return np.asarray(teleport | int(Flag.FROZEN) * _is_frozen(track, settings.frozen_s), dtype=np.int64)


def _is_out_of_reach(track: Track, top_mps: float) -> Booleans:
    """Tell which fixes have neighbours, the next and the next but one on each side, and none of them in reach."""
    has_any, has_one_in_reach = (np.zeros(len(track.sender), dtype=bool) for _ in range(2))
    for step in range(1, NEIGHBOURS + 1):
        is_joined = _is_joined(track, step)
        in_reach = is_joined & _is_in_reach(track, step, top_mps)
        for side in (slice(step, None), slice(None, -step)):
            has_any[side] |= is_joined
            has_one_in_reach[side] |= in_reach
    return has_any & ~has_one_in_reach


def _is_joined(track: Track, step: int = 1) -> Booleans:
    """Tell which fixes are of one sender, and near in time, with the one so many steps later."""
    is_one = track.sender[step:] == track.sender[:-step]
    return np.asarray(is_one & (track.fix_us[step:] - track.fix_us[:-step] <= NEAR_S * 1_000_000))


def _is_in_reach(track: Track, step: int, top_mps: float) -> Booleans:
    accuracy = np.where(np.isnan(track.accuracy_m), ACCURACY_M, track.accuracy_m)
    places = (track.longitude, track.latitude)
    way_m = distance_m(*(each[:-step] for each in places), *(each[step:] for each in places))
    slack_m = accuracy[step:] + accuracy[:-step]
    return np.asarray(way_m - slack_m <= top_mps * (track.fix_us[step:] - track.fix_us[:-step]) / 1e6)


def distance_m(longitude: Floats, latitude: Floats, other_longitude: Floats, other_latitude: Floats) -> Floats:
    """Return distances on a sphere, by the haversine formula, in metres; exact to 0.6 %."""
    phi, other_phi = np.radians(latitude), np.radians(other_latitude)
    half_chord = np.sin((other_phi - phi) / 2) ** 2
    half_chord += np.cos(phi) * np.cos(other_phi) * np.sin(np.radians(other_longitude - longitude) / 2) ** 2
    return np.asarray(2 * np.degrees(np.arcsin(np.sqrt(np.minimum(half_chord, 1)))) * DEGREE_M)


def _is_frozen(track: Track, frozen_s: float) -> Booleans:
    """Tell which fixes are among FROZEN_FIXES or more with one position that span `frozen_s`, within it of the fix."""
    is_same = _is_joined(track) & (np.diff(track.longitude) == 0) & (np.diff(track.latitude) == 0)
    if not is_same.any():
        return np.zeros(len(track.sender), dtype=bool)
    span_us = round(frozen_s * 1e6)
    stretch = np.cumsum(np.append(True, ~is_same))
    # stretches follow one another, so that one search finds the bounds in all of them
    shift = 4 * span_us + int(np.ptp(track.fix_us))
    clock = track.fix_us - track.fix_us.min() + stretch * shift
    first = np.searchsorted(clock, np.maximum(clock - span_us, stretch * shift), side="left")
    last = np.searchsorted(clock, clock + span_us, side="right") - 1
    return np.asarray((last - first >= FROZEN_FIXES - 1) & (clock[last] - clock[first] >= span_us))
