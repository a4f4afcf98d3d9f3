"""How long a cell waits between visits: what somebody who looks at a random moment has to expect. Pure.

idleness = Σ gₖ² ⁄ (2T) over the gaps gₖ between visits in a window T, the first and last partial ones included; the
plain mean of the gaps would understate the waiting (see Machado et al. 2002, instantaneous idleness).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd


class Idle(NamedTuple):
    """Seconds: mean idleness, and the longest gap."""

    idleness_s: float
    worst_idle_s: float


def idle(start_us: pd.Series, end_us: pd.Series, first_us: int, last_us: int) -> Idle:
    """Return the idleness of a cell from its visits, in any order and by anybody, in a window; NaN for an empty one."""
    if last_us <= first_us:
        return Idle(np.nan, np.nan)
    order = np.argsort(start_us.to_numpy(), kind="stable")
    start = np.append(np.minimum(start_us.to_numpy()[order], last_us), last_us)
    end = np.append(first_us, np.maximum.accumulate(np.minimum(end_us.to_numpy()[order], last_us)))
    gaps = np.maximum(start - end, 0) / 1e6
    return Idle(float(np.sum(gaps * gaps)) / (2 * (last_us - first_us) / 1e6), float(gaps.max()))
