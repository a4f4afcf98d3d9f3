"""The period of a map: as it is typed, or the usual one."""

from typing import Final, NamedTuple

from gisgrid.coverage.report import DAYS, asked_period
from gisgrid.parameters import Period
from gisgrid.settings import Settings

COMPARED_DAYS: Final = 7
"""The days of a comparison where no period is given: an installation has the days before them after two weeks."""


class Span(NamedTuple):
    """A period as it is typed: by its ends, by its days up to today, or neither."""

    period: str | None
    days: int | None
    usual: int = DAYS
    """The days where neither is typed."""

    def read(self, settings: Settings) -> Period:
        """Return the period. Raises TwoPeriods, BadPeriod."""
        is_typed = self.period is not None or self.days is not None
        return asked_period(self.period, self.days if is_typed else self.usual, settings)
