"""Problems that the figures of a report show by themselves. Of cells those that hold no others are looked at."""

from datetime import datetime, timedelta

from gisgrid.coverage.schemas import CellFigures, CoverageReport, Note
from gisgrid.coverage.told.changes import changes
from gisgrid.coverage.told.handed import Limits, Problem, named
from gisgrid.coverage.told.nested import due, finest, highest, total
from gisgrid.coverage.told.periods import zone_of


def unseen(report: CoverageReport, end: datetime, limits: Limits) -> Problem | None:
    """Tell which cells nobody checked in for the last days before `end`, since when if that is known."""
    span, begun = timedelta(days=limits.unseen_days), report.period.start
    if report.received is not None:
        begun = report.received.since or end  # before anything was received nobody knows who was there
    if end - begun < span:
        return None
    cells = [cell for cell in finest(report) if _is_unseen(cell, end - span)]
    if not cells:
        return None
    names = [cell.name + _since(cell, report) for cell in cells]
    where, days = named(names), limits.unseen_days
    told = Note(
        zh=f"{len(cells)} 个网格已 {days} 天以上未见打卡:{where.zh}。",
        en=f"Cells without a check-in for {days} days and more: {len(cells)}: {where.en}.",
    )
    return Problem("unseen", told, tuple(cell.name for cell in cells))


def _is_unseen(cell: CellFigures, since: datetime) -> bool:
    """Tell whether nobody was there since; n/a is not told of."""
    if cell.seen_last_at is not None:
        return cell.seen_last_at <= since
    return cell.check_ins == 0


def _since(cell: CellFigures, report: CoverageReport) -> str:
    seen = cell.seen_last_at
    return "" if seen is None else f"({seen.astimezone(zone_of(report)):%m-%d})"


def missed(report: CoverageReport) -> Problem | None:
    """Tell where planned rounds were missed, the most first; one of a whole street counts there alone."""
    cells = [cell for cell in finest(report) if cell.rounds_missed]
    if not cells:
        return None
    cells.sort(key=lambda cell: (-(cell.rounds_missed or 0), cell.code))
    where = named([f"{cell.name} {cell.rounds_missed} 次" for cell in cells])
    count = int(total(highest(report), "rounds_missed") or sum(cell.rounds_missed or 0 for cell in cells))
    en = named([f"{cell.name} {cell.rounds_missed}" for cell in cells]).en
    told = Note(zh=f"漏巡 {count} 次:{where.zh}。", en=f"Rounds that were missed: {count}: {en}.")
    return Problem("missed", told, tuple(cell.name for cell in cells))


def idle(report: CoverageReport, limits: Limits) -> Problem | None:
    """Tell which cells nobody visited for so many hours on end, and the longest.

    Where nothing was received on some days, a cell is told of if it waited as long without all of them: that is sure,
    wherever in its longest gap they lie.
    """
    unheard_s = 0 if report.received is None else report.received.unheard_s
    known = [(cell.worst_idle_s - unheard_s, cell) for cell in finest(report) if cell.worst_idle_s is not None]
    over = [(worst, cell) for worst, cell in known if worst >= limits.idle_h * 3600]
    if not over:
        return None
    over.sort(key=lambda each: (-each[0], each[1].code))
    worst, cell = over[0]
    hours, limit = f"{worst / 3600:,.0f}", f"{limits.idle_h:g}"
    zh, en = ("(没有数据的日子不计)", " without the days that have no data") if unheard_s else ("", "")
    told = Note(
        zh=f"{len(over)} 个网格曾连续 {limit} 小时以上无人到访{zh},最长的是{cell.name},{hours} 小时。",
        en=f"Cells that nobody visited for {limit} hours or more{en}: {len(over)}; "
        f"the longest was {cell.name}, {hours} hours.",
    )
    return Problem("idle", told, tuple(cell.name for _, cell in over))


def fallen(report: CoverageReport) -> Problem | None:
    """Coverage that has fallen by more than the bands of both periods allow for chance."""
    own = {cell.code for cell in finest(report)}
    fallen = [
        (points, change.cell)
        for change in changes(report)
        if change.cell.code in own and change.is_clear and (points := change.of("coverage_ratio") or 0) < 0
    ]
    if not fallen:
        return None
    fallen.sort(key=lambda each: (each[0], each[1].code))
    zh = named([f"{cell.name}(−{-points * 100:.1f} 个百分点)" for points, cell in fallen]).zh
    en = named([f"{cell.name} ({points * 100:.1f} points)" for points, cell in fallen]).en
    told = Note(
        zh=f"{len(fallen)} 个网格到达率较上期明显下降:{zh}。",
        en=f"Cells whose coverage has clearly fallen: {len(fallen)}: {en}.",
    )
    return Problem("fallen", told, tuple(cell.name for _, cell in fallen))


def closing(report: CoverageReport, limits: Limits) -> Problem | None:
    """Tell which cells close too small a share of their incidents, the smallest first."""
    known = [(cell.closing_ratio, cell) for cell in finest(report) if cell.closing_ratio is not None]
    below = sorted(
        ((ratio, cell) for ratio, cell in known if ratio < limits.closing_ratio),
        key=lambda each: (each[0], each[1].code),
    )
    if not below:
        return None
    where = named([f"{cell.name}({ratio:.1%}{_of_due(cell)})" for ratio, cell in below])
    told = Note(
        zh=f"{len(below)} 个网格结案率低于 {limits.closing_ratio:.0%}:{where.zh}。",
        en=f"Cells with a closing rate below {limits.closing_ratio:.0%}: {len(below)}: {where.en}.",
    )
    return Problem("closing", told, tuple(cell.name for _, cell in below))


def _of_due(cell: CellFigures) -> str:
    count = due([cell])
    return "" if count is None else f",{cell.closed}/{count}"


def quarantined(report: CoverageReport, limits: Limits) -> Problem | None:
    """Tell whether too large a share of what came is quarantined."""
    counted = (total(highest(report), "check_ins") or 0) + (report.outside.check_ins if report.outside else 0)
    held = report.quarantined or 0
    if not held or held / (counted + held) < limits.quarantined_share:
        return None
    share = held / (counted + held)
    told = Note(
        zh=f"待核定位 {held:,} 条,占全部来数的 {share:.1%},尚未计入。",
        en=f"Check-ins that are quarantined: {held:,}, {share:.1%} of all that came; they do not count so far.",
    )
    return Problem("quarantined", told)
