"""What a document holds beside its report, with defaults."""

from datetime import date

from gisgrid.coverage.told.handed import Handed, OpenGap, OverdueIncident, SilentDevice
from gisgrid.coverage.told.sections import Extras
from tests.coverage.reports import SHAPES, START

HANDED = Handed(
    gaps=[OpenGap("码头", "东北站", "日巡", START, is_overdue=True)],
    silent=[SilentDevice("D-1", "东北站", None)],
    overdue=[OverdueIncident("20261101-7", "垃圾", "西南站", START)],
)


def extras(**changes):
    """Return what goes with a report."""
    given = {
        "shapes": SHAPES,
        "place": "葵涌街道",
        "title": ("葵涌街道巡查报告", "Report on patrols"),
        "dated": date(2026, 12, 1),
        "handed": HANDED,
        "office": "网格管理中心",
        **changes,
    }
    return Extras(**given)
