"""Whether a check-in at a checkpoint counts, said at once and in words. Pure."""

from math import ceil, floor
from typing import NamedTuple

from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import ACCURACY_M


class Verdict(NamedTuple):
    """Whether a check-in counts, why or why not, and how far it was from the place of which radius, in metres."""

    counts: bool
    zh: str
    en: str
    distance_m: float
    radius_m: float


class Shown(NamedTuple):
    """What a check-in at a checkpoint shows: how far it is, how exactly that is known (None: not told), whether the
    code is right (None: none was shown), and for how long whoever sends it has been there.
    """

    distance_m: float
    accuracy_m: float | None
    has_code: bool | None
    stayed_s: float


def judge(spot: Spot, shown: Shown) -> Verdict:
    """Judge a check-in at a checkpoint: first where it is, then its code, then how long the stay was."""
    radius = spot.radius_m or 0.0
    counts, zh, en = _judge(spot, shown, radius)
    return Verdict(counts, zh, en, shown.distance_m, radius)


def _judge(spot: Spot, shown: Shown, radius: float) -> tuple[bool, str, str]:
    accuracy = ACCURACY_M if shown.accuracy_m is None else shown.accuracy_m
    is_out = shown.distance_m > radius
    away = f"{ceil(shown.distance_m) if is_out else floor(shown.distance_m)}"  # never "50 m away, radius 50 m"
    if shown.distance_m > radius + accuracy:
        return False, f"距离 {away} 米,应在 {radius:.0f} 米以内", f"{away} m away, radius {radius:.0f} m"
    if is_out:
        return (
            False,
            f"距离 {away} 米,误差 {accuracy:.0f} 米,应在 {radius:.0f} 米以内,无法确认到位;请走近些再打卡",
            f"{away} ± {accuracy:.0f} m away, radius {radius:.0f} m: it cannot be told; go closer and check in again",
        )
    if spot.needs_code and not shown.has_code:
        return _without_code(shown)
    left_s = spot.dwell_s - shown.stayed_s
    if left_s > 0:
        minutes = ceil(left_s / 60)
        more = f"{minutes} more minute{'' if minutes == 1 else 's'}"
        return False, f"已到位,请再停留 {minutes} 分钟后打卡", f"you are there: stay {more} and check in again"
    return True, f"有效,距离 {away} 米", f"counts, {away} m away"


def _without_code(shown: Shown) -> tuple[bool, str, str]:
    if shown.has_code is None:
        return False, "已到位,请输入或扫描现场的打卡码", "you are there: type or scan the code of the place"
    return False, "打卡码不对或已过期", "wrong or outdated code"
