"""The summary (总体情况) of a report, written from its figures alone, in two languages; n/a is said."""

from collections.abc import Iterator, Sequence
from typing import Final

from gisgrid.coverage.notes import note_on_days
from gisgrid.coverage.schemas import CellFigures, CoverageReport, Note
from gisgrid.coverage.told.changes import Change, change_of
from gisgrid.coverage.told.headings import NOTHING, written
from gisgrid.coverage.told.nested import LEVEL_NAMES, at_level, due, highest, levels_in, total, whole_of
from gisgrid.coverage.told.periods import in_period_words, zone_of
from gisgrid.coverage.told.ranking import best, worst

MOST_NAMES: Final = 3
"""So many cells that cannot be told apart are named; of more it is said that they cannot."""
GROUPS: Final = {
    "plan": ("专项“{}”的", "for the plan “{}”"),
    "patrol": ("巡查“{}”的", "of the patrol “{}”"),
    "people": ("“{}”的", "of “{}”"),
}


def in_words(report: CoverageReport, place: str, period: Note | None = None) -> list[Note]:
    """Return the summary, a paragraph each for presence, coverage, rounds, incidents and the data themselves.

    Where nothing was received on some days, that comes first.

    `place` is what the whole is called, `period` how its time is (as in `in_period_words`, if not given).
    """
    told = period or in_period_words(report.period, zone_of(report))
    days = [_sentence(note) for note in note_on_days(report.received, zone_of(report))]
    if not is_seen(report):
        nobody = Note(zh=f"{told.zh},{place}没有打卡记录,无从统计。", en=f"{told.en}, {place}: nobody checked in.")
        return [*days, nobody]
    parts = (_presence(report, place, told), *_coverage(report), _rounds(report), _incidents(report), *_data(report))
    return [*days, *parts]


def _sentence(note: Note) -> Note:
    return Note(zh=f"{note.zh}。", en=f"{note.en[0].upper()}{note.en[1:]}.")


def is_seen(report: CoverageReport) -> bool:
    """Tell whether anybody checked in, as far as it is told."""
    outside = report.outside is not None and report.outside.check_ins
    return bool(outside) or any(cell.check_ins != 0 for cell in report.cells)


def _presence(report: CoverageReport, place: str, told: Note) -> Note:
    """How often, by how many, how long; distinct people and outings are known of one whole alone."""
    whole = whole_of(report)
    zh_group, en_group = ("", "")
    if report.group is not None:
        zh_group, en_group = (each.format(report.group.name) for each in GROUPS[report.group.kind])
    check_ins, visits, dwell = (_sum(report, name) for name in ("check_ins", "visits", "dwell_s"))
    people, patrols = (_own(report, whole, name) for name in ("patrollers", "patrols"))
    grown = _growth(report, "check_ins")
    return Note(
        zh=f"{told.zh},{place}{zh_group}打卡 {check_ins} 次{grown.zh};参与巡查 {people} 人,巡查 {patrols} 次,"
        f"到访网格 {visits} 次,累计停留 {dwell} 小时。",
        en=f"{told.en}, {place}{_spaced(en_group)}: {check_ins} check-ins{grown.en}; {people} people, "
        f"{patrols} patrols, {visits} visits to cells, {dwell} hours of stay.",
    )


def _growth(report: CoverageReport, name: str) -> Note:
    """By how many per cent a countable figure has grown over the period before; nothing where none is known."""
    codes = {cell.code for cell in highest(report)}
    new, old = total(highest(report), name), total([c for c in report.cells_before if c.code in codes], name)
    if report.before is None:
        return Note(zh="", en="")
    if new is None or not old:
        return Note(zh=f"(上期{_missing(old)},无从比较)", en=f" (nothing to compare with: {_missing_en(old)} before)")
    share = (new - old) / old
    zh = "与上期持平" if new == old else f"较上期{'增加' if share > 0 else '减少'} {abs(share):.1%}"
    en = "as before" if new == old else f"{share:+.1%} on the period before"
    return Note(zh=f"({zh})", en=f" ({en})")


def _missing(old: float | None) -> str:
    return f"为 {NOTHING}" if old is None else "为 0"


def _missing_en(old: float | None) -> str:
    return NOTHING if old is None else "none"


# --- coverage ------------------------------------------------------------------------------------


def _coverage(report: CoverageReport) -> Iterator[Note]:
    whole = whole_of(report)
    if whole is not None:
        yield _own_coverage(report, whole)
    levels = levels_in(report)
    inner = levels[1:2] if whole is not None else levels[:1]
    for level in inner:
        yield _spread(at_level(report.cells, level), LEVEL_NAMES[level])


def _own_coverage(report: CoverageReport, whole: CellFigures) -> Note:
    if whole.coverage_ratio is None:
        return Note(
            zh=f"到达率为 {NOTHING}:没有应巡面积,或当期已封存,无从计算。",
            en=f"Coverage is {NOTHING}: there is no patrollable ground, or the days are sealed.",
        )
    ratio, low, high, covered, ground, squares = (
        _of(report, whole, name)
        for name in (
            *("coverage_ratio", "coverage_low", "coverage_high"),
            *("covered_area_m2", "patrollable_area_m2", "square_ratio"),
        )
    )
    reach, change = f"{report.settings.reach_m:g}", _in_points(report, change_of(report, whole))
    return Note(
        zh=f"到达率 {ratio}({reach} 米估算,区间 {low}–{high}){change.zh},到达 {covered} 平方公里,应巡 {ground} "
        f"平方公里;百米单元到达率 {squares}。",
        en=f"Coverage {ratio} ({reach} m estimate, between {low} and {high}){change.en}: {covered} of {ground} km² of "
        f"patrollable ground; of the 100 m squares {squares} were seen.",
    )


def _in_points(report: CoverageReport, change: Change) -> Note:
    """The change of coverage in percentage points, and whether it is more than the bands allow for chance."""
    points = change.of("coverage_ratio")
    if report.before is None:
        return Note(zh="", en="")
    if points is None:
        return Note(zh=f",较上期变化 {NOTHING}", en=f", change on the period before {NOTHING}")
    if f"{abs(points):.1%}" == "0.0%":
        return Note(zh=",与上期持平", en=", as in the period before")
    zh = f",较上期{'提高' if points > 0 else '下降'} {abs(points) * 100:.1f} 个百分点"
    en = f", {points * 100:+.1f} percentage points on the period before"
    if change.is_clear:
        return Note(zh=zh, en=en)
    return Note(zh=f"{zh}(两期区间重叠,变化不明显)", en=f"{en} (within the bands of both: not certain)")


def _spread(cells: list[CellFigures], name: Note) -> Note:
    known = [cell for cell in cells if cell.coverage_ratio is not None]
    missing = len(cells) - len(known)
    zh_rest = f";{missing} 个无到达率({NOTHING})" if missing else ""
    en_rest = f"; {missing} without coverage ({NOTHING})" if missing else ""
    if not known:
        return Note(
            zh=f"{len(cells)} 个{name.zh}均无到达率({NOTHING})。",
            en=f"{name.en}: {len(cells)}, all without coverage ({NOTHING}).",
        )
    if 1 < len(known) == len(best(known)):
        return Note(
            zh=f"{len(cells)} 个{name.zh}的到达率区间互相重叠,分不出高低{zh_rest}。",
            en=f"{name.en}: {len(cells)}; the bands of their coverage overlap: not to be told apart{en_rest}.",
        )
    most, least = _named(best(known)), _named(worst(known))
    return Note(
        zh=f"{len(cells)} 个{name.zh}中,到达率最高的{most.zh},最低的{least.zh}{zh_rest}。",
        en=f"{name.en}: {len(cells)}; the highest coverage: {most.en}; the lowest: {least.en}{en_rest}.",
    )


def _named(cells: Sequence[CellFigures]) -> Note:
    """Name cells by their coverage; of several, that nobody knows which of them it is."""
    names = [f"{cell.name}({cell.coverage_ratio:.1%})" for cell in cells]
    names_en = [f"{cell.name} ({cell.coverage_ratio:.1%})" for cell in cells]
    if len(cells) == 1:
        return Note(zh=f"是{names[0]}", en=names_en[0])
    if len(cells) <= MOST_NAMES:
        zh, en = "、".join(names), " or ".join(names_en)
        return Note(zh=f"是{zh}(区间重叠,分不出先后)", en=f"{en} (their bands overlap: not to be told apart)")
    return Note(
        zh=f"分不出先后({len(cells)} 个区间重叠)", en=f"not to be told apart (the bands of {len(cells)} overlap)"
    )


# --- rounds, incidents, data ---------------------------------------------------------------------


def _rounds(report: CoverageReport) -> Note:
    names = ("rounds_done", "rounds_done_late", "rounds_missed", "rounds_unconfirmed", "open_gaps")
    if all(total(highest(report), name) is None for name in names):
        return Note(zh=f"巡查任务:{NOTHING}(当期没有任务数据)。", en=f"Rounds: {NOTHING} (no data of them).")
    done, late, missed, unconfirmed, gaps = (_sum(report, name) for name in names)
    ratio = _own(report, whole_of(report), "rounds_ratio")
    return Note(
        zh=f"巡查任务按时完成 {done} 次,迟到完成 {late} 次,漏巡 {missed} 次,待补传 {unconfirmed} 次,任务完成率 {ratio};"
        f"本期未关闭漏巡 {gaps} 次。",
        en=f"Rounds: {done} done in time, {late} late, {missed} missed, {unconfirmed} unconfirmed, {ratio} done of "
        f"those that are settled; {gaps} gaps are open.",
    )


def _incidents(report: CoverageReport) -> Note:
    names = ("reported", "filed", "closed", "in_time", "overdue", "suspended", "extended", "returned")
    if all(total(highest(report), name) is None for name in names):
        return Note(zh=f"事件处置:{NOTHING}(当期没有事件数据)。", en=f"Incidents: {NOTHING} (no data of them).")
    reported, filed, closed, in_time, overdue, suspended, extended, returned = (_sum(report, name) for name in names)
    whole, of = whole_of(report), written("closed", due(highest(report)), zone_of(report))
    closing, of_due = (_own(report, whole, name) for name in ("closing_ratio", "in_time_ratio"))
    return Note(
        zh=f"上报事件 {reported} 件,立案 {filed} 件;结案 {closed} 件,应结案 {of} 件,结案率 {closing};"
        f"其中按期结案 {in_time} 件,按期结案率(占应结案){of_due};"
        f"超期未结 {overdue} 件,挂账 {suspended} 件,延期 {extended} 件,退回重派 {returned} 件。",
        en=f"Incidents: {reported} reported, {filed} filed; {closed} closed of {of} due to close, closing rate "
        f"{closing}; {in_time} of them in time, {of_due} of those due; {overdue} overdue, {suspended} suspended, "
        f"{extended} extended, {returned} sent back.",
    )


def _data(report: CoverageReport) -> Iterator[Note]:
    """What the figures were made of: only what there is to tell."""
    left_out = report.excluded and sum(report.excluded.model_dump().values())
    told = [
        ("网格之外打卡 {} 次", "{} check-ins outside all cells", report.outside and report.outside.check_ins),
        ("不计入面积的打卡 {} 次", "{} left out of areas", left_out),
        ("待核定位 {} 条", "{} quarantined", report.quarantined),
        ("首次出报后补到 {} 条", "{} arrived after the report was first made", report.delivered_late),
    ]
    known = [(zh.format(f"{count:,}"), en.format(f"{count:,}")) for zh, en, count in told if count]
    if known:
        yield Note(zh=f"数据情况:{','.join(zh for zh, _ in known)}。", en=f"Data: {'; '.join(en for _, en in known)}.")
    if report.revision is not None and report.revision.number:
        first = f"{report.revision.first_made_at.astimezone(zone_of(report)):%Y-%m-%d %H:%M}"
        yield Note(
            zh=f"本报告于 {first} 首次发出,此后第 {report.revision.number} 次修订。",
            en=f"Revision {report.revision.number} of a report first handed out at {first}.",
        )


def _sum(report: CoverageReport, name: str) -> str:
    value = total(highest(report), name)
    return written(name, value, zone_of(report))


def _own(report: CoverageReport, whole: CellFigures | None, name: str) -> str:
    return NOTHING if whole is None else _of(report, whole, name)


def _of(report: CoverageReport, cell: CellFigures, name: str) -> str:
    return written(name, getattr(cell, name), zone_of(report))


def _spaced(words: str) -> str:
    return f" {words}" if words else ""
