"""What a day comes to: who was where and how often, which visits there were, and what ground was reached. Pure.

Days count for themselves: what goes over midnight is cut there. So a period is the sum of its days, whether they are
reduced now or were long ago.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gisgrid.coverage.ground.borders import area_within
from gisgrid.coverage.ground.levels import Ground, LevelGround
from gisgrid.coverage.ground.reach import Reached, reached, strokes, strokes_within
from gisgrid.coverage.ground.strips import Floats, Integers, Strips, each_covered
from gisgrid.grid.tables import LEVELS
from gisgrid.patrols.judge import NOT_REACHED, names_of
from gisgrid.patrols.visits import NO_BEATS, Beats, find_visits
from gisgrid.settings import Settings

REASONS: Final = ("coarse", *names_of(NOT_REACHED))
"""Why fixes are left out of areas; they count everywhere else."""
EVENT_ORDER: Final = ["patroller_id", "fix_at", "longitude", "latitude", "accuracy_m"]
"""Whatever order the fixes arrived in: two that agree in all of this are interchangeable."""
CODES: Final = [f"{level}_code" for level in LEVELS]
NOWHERE: Final = ""
"""The code of what lies in no cell of its level."""
NOBODY: Final = -1
"""Instead of an outing that the phone did not name."""


class Day(NamedTuple):
    """A day, or a part of one, from `start_us` to `end_us` (microseconds since 1970).

    `presence`: check_ins by the codes of the three cells, patroller_id, patrol_id and hour (from the start), a row
    each. `visits`: level, code, patroller_id, start_us, end_us, is_certain, effort_m2. `squares`: those seen, as
    `square_of` numbers them. `reached`: what of the lines of `fine` and `coarse`. `left_out`: fixes by REASONS.
    `late_us`: when those arrived that came after the end, in order.
    """

    start_us: int
    end_us: int
    presence: pd.DataFrame
    visits: pd.DataFrame
    squares: Integers
    fine: Strips
    coarse: Strips
    reached: Reached
    left_out: Integers
    late_us: Integers


def reduce_day(
    fixes: pd.DataFrame, ground: Ground, settings: Settings, beats: Beats, start_us: int, end_us: int
) -> Day:
    """Reduce the fixes of a day, or of a part of it, in whatever order; `beats` bridge their silences.

    `fixes` are a frame as in `patrols.fixes`, on the ground that was in force that day.
    """
    fixes = fixes.sort_values(EVENT_ORDER, ignore_index=True)
    reason = _reason(fixes, settings.reach_m)
    sound = fixes[reason == ""].reset_index(drop=True)
    x, y = ground.metres(sound)
    visits = [_visits(ground, level, fixes, (reason == ""), settings, beats) for level in LEVELS]
    return Day(
        start_us,
        end_us,
        _presence(fixes, start_us),
        pd.concat(visits, ignore_index=True).astype({"level": str, "code": str}),
        np.unique(ground.squares.number(x, y)),
        ground.fine,
        ground.coarse,
        reached(ground.fine, ground.coarse, strokes(sound, settings), settings.reach_m),
        np.array([np.count_nonzero(reason == name) for name in REASONS], dtype=np.int64),
        _late(fixes, end_us),
    )


def no_day(ground: Ground, settings: Settings) -> Day:
    """Return a day on which nothing was sent."""
    nobody = {name: pd.Series(dtype="int64") for name in ("patroller_id", "flags")}
    nowhere = {name: pd.Series(dtype="float64") for name in ("longitude", "latitude", "accuracy_m")}
    never = {name: pd.Series(dtype="datetime64[us, UTC]") for name in ("fix_at", "received_at")}
    codes = {code: pd.Series(dtype=object) for code in CODES}
    fixes = pd.DataFrame({**nobody, **nowhere, **never, **codes, "patrol_id": pd.Series(dtype="Int64")})
    return reduce_day(fixes, ground, settings, NO_BEATS, 0, 0)


def _reason(fixes: pd.DataFrame, reach_m: float) -> NDArray[np.object_]:
    """Return why each fix is left out of areas, the first of REASONS that holds; "" for none."""
    flags = fixes["flags"].to_numpy(dtype=np.int64)
    holds = [(fixes["accuracy_m"] > reach_m).to_numpy(), *(flags & int(flag) != 0 for flag in NOT_REACHED)]
    return np.select(holds, list(map(np.array, REASONS)), default="").astype(object)


def _presence(fixes: pd.DataFrame, start_us: int) -> pd.DataFrame:
    hour = (moments(fixes["fix_at"]) - start_us) // 3_600_000_000
    keys = fixes[[*CODES, "patroller_id"]].fillna(dict.fromkeys(CODES, NOWHERE))
    keys = keys.assign(patrol_id=fixes["patrol_id"].fillna(NOBODY).astype("int64"), hour=hour)
    return keys.groupby(list(keys), sort=True).size().reset_index(name="check_ins").astype(dict.fromkeys(CODES, str))


def _late(fixes: pd.DataFrame, end_us: int) -> Integers:
    if "received_at" not in fixes:
        return np.empty(0, dtype=np.int64)
    received = moments(fixes["received_at"])
    return np.sort(received[received >= end_us])


def moments(times: pd.Series) -> Integers:
    """Return times as microseconds since 1970."""
    return np.asarray(times.dt.as_unit("us").astype("int64").to_numpy())


# --- visits -----------------------------------------------------------------------------------------


def _visits(
    ground: Ground, level: str, fixes: pd.DataFrame, is_sound: NDArray[np.bool_], settings: Settings, beats: Beats
) -> pd.DataFrame:
    its = ground.levels[level]
    cell = its.numbers(fixes[f"{level}_code"].to_numpy(dtype=object))
    found = find_visits(fixes, cell, its, settings.visit_gap_s, beats)
    visit = np.full(len(fixes), NOBODY, dtype=np.int64)
    first, last = found["first"].to_numpy(), found["last"].to_numpy()
    length = last - first + 1
    number = np.repeat(np.arange(len(found)), length)
    visit[first[number] + np.arange(len(number)) - np.repeat(np.cumsum(length) - length, length)] = number
    return pd.DataFrame(
        {
            "level": level,
            "code": its.cells["code"].to_numpy(dtype=object)[found["cell"]],
            "patroller_id": found["patroller_id"],
            "start_us": moments(found["started_at"]),
            "end_us": moments(found["ended_at"]),
            "is_certain": _certain(found, fixes, cell, visit, its),
            "effort_m2": _effort(ground, its, found, fixes[is_sound], visit[is_sound], settings),
        }
    )


def _certain(
    found: pd.DataFrame, fixes: pd.DataFrame, cell: Integers, visit: Integers, ground: LevelGround
) -> NDArray[np.bool_]:
    """Tell of which visits some fix lies in the cell with p > 0.95."""
    certain = np.zeros(len(found), dtype=bool)

    def look(rows: Integers) -> None:
        at = fixes.iloc[rows]
        places = at["longitude"].to_numpy(), at["latitude"].to_numpy(), at["accuracy_m"].to_numpy(dtype=float)
        certain[visit[rows[ground.is_certain(cell[rows], *places)]]] = True

    inside = (visit >= 0) & (cell == found["cell"].to_numpy()[visit] if len(found) else False)
    middle = ((found["first"] + found["last"]) // 2).to_numpy()
    look(middle[inside[middle]])  # mostly this tells, and the others need not be asked
    look(np.flatnonzero(inside & ~certain[visit] if len(found) else inside))
    return certain


def _effort(
    ground: Ground, its: LevelGround, found: pd.DataFrame, sound: pd.DataFrame, visit: Integers, settings: Settings
) -> Floats:
    """Measure the union of each visit's own discs and bands within the patrollable ground of its cell."""
    shapes, whose = strokes_within(sound[visit >= 0], visit[visit >= 0], settings)
    start, end, whose = each_covered(ground.coarse, shapes, whose)
    effort = np.zeros(len(found))
    of_cell = found["cell"].to_numpy()[whose]
    for number in np.unique(of_cell):
        here = of_cell == number
        within = area_within(ground.coarse, its.insides[number], start[here], end[here])
        effort += np.bincount(whose[here], weights=within, minlength=len(found))
    return effort
