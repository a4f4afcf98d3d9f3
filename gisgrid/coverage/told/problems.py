"""What is wrong in a period (存在问题), from its figures and from lists that are handed in; never about people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gisgrid.coverage.schemas import CoverageReport, Note
from gisgrid.coverage.told.handed import Handed, Limits, OpenGap, OverdueIncident, Problem, SilentDevice, named
from gisgrid.coverage.told.nested import finest, highest, total
from gisgrid.coverage.told.shortfalls import closing, fallen, idle, missed, quarantined, unseen

USUAL: Final = Limits()


def problems(report: CoverageReport, handed: Handed, until: datetime, limits: Limits = USUAL) -> list[Problem]:
    """Return the problems of a report; `until` is when it was made, for a period that is not over.

    Of cells those that hold no others are looked at, so that nothing is told twice.
    """
    end = min(until, report.period.end)
    found = [
        _gaps(handed.gaps),
        unseen(report, end, limits),
        missed(report),
        _silent(handed.silent),
        idle(report, limits),
        fallen(report),
        _overdue(report, handed.overdue),
        closing(report, limits),
        quarantined(report, limits),
    ]
    return [each for each in found if each is not None]


def _gaps(gaps: Sequence[OpenGap]) -> Problem | None:
    if not gaps:
        return None
    names, late = [gap.place for gap in gaps], sum(gap.is_overdue for gap in gaps)
    where = named(names)
    zh, en = (f",其中 {late} 处已超期", f", {late} of them overdue") if late else ("", "")
    told = Note(
        zh=f"未关闭漏巡(含以往){len(gaps)} 次{zh}:{where.zh}。",
        en=f"Gaps that are open, older ones included: {len(gaps)}{en}: {where.en}.",
    )
    return Problem("gaps", told, tuple(names))


def _silent(devices: Sequence[SilentDevice]) -> Problem | None:
    if not devices:
        return None
    names = [device.name for device in devices]
    where = named(names)
    told = Note(
        zh=f"静默设备 {len(devices)} 台:{where.zh};其时段内的漏巡未必属实。",
        en=f"Devices that are silent: {len(devices)}: {where.en}; what they may have missed is not certain.",
    )
    return Problem("silent", told, tuple(names))


def _overdue(report: CoverageReport, incidents: Sequence[OverdueIncident]) -> Problem | None:
    """Incidents past their limit: those handed in, or else as many as the figures know of."""
    count = len(incidents) or int(total(highest(report), "overdue") or 0)
    if not count:
        return None
    names = [incident.cell for incident in incidents] or [cell.name for cell in finest(report) if cell.overdue]
    where = named(names)
    told = Note(zh=f"超期事件 {count} 件:{where.zh}。", en=f"Incidents that are overdue: {count}: {where.en}.")
    return Problem("overdue", told, tuple(names))
