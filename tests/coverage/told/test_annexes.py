from gisgrid.coverage.schemas import Definition
from gisgrid.coverage.told.annexes import annex
from gisgrid.coverage.told.handed import Handed
from tests.coverage.papers import extras
from tests.coverage.reports import a_report, cells


def test_what_is_open_is_listed_whole():
    gaps, silent, overdue = annex("lists", a_report(), extras()).parts
    assert gaps.rows == [["码头", "东北站", "日巡", "2026-11-01 00:00", "是"]]
    assert silent.rows == [["D-1", "东北站", "从未"]]
    assert overdue.rows == [["20261101-7", "垃圾", "西南站", "2026-11-01 00:00"]]
    assert all(len(table.heads) == len(table.widths) == len(table.rows[0]) for table in (gaps, silent, overdue))
    assert annex("lists", a_report(), extras(handed=Handed())) is None


def test_main_figures_are_two_tables_a_level_without_what_is_na_everywhere():
    tables = annex("figures", a_report(*cells(NE={"closed": 4}), level="all"), extras()).parts
    assert [table.caption for table in tables] == [
        "街道:到访与到达",
        "社区:到访与到达",
        "工作分站:到访与到达",
        "工作分站:单元、空闲、任务与事件",
    ]
    assert tables[3].rows == [["东北站", "4"], ["西北站", "n/a"], ["西南站", "n/a"]]
    assert ("停留时长(h)", "Dwell (h)") in tables[0].heads
    assert annex("figures", a_report(cells=[]), extras()) is None


def test_definitions_settings_and_notes_are_printed():
    report = a_report(definitions=[Definition(name="visits", zh="到访次数:到访,连续", en="stays")])
    notes, settings, meanings = annex("definitions", report, extras()).parts
    assert list(notes.paragraphs) == ["网格:=网格(2026-01-01 起施行)。", "备注。"]
    assert ["到达半径(米) Reach (m)", "50"] in settings.rows
    assert meanings.rows == [["到访次数", "到访，连续", "stays"]]


def test_the_summary_in_english():
    (prose,) = annex("english", a_report(), extras()).parts
    assert prose.is_english
    assert prose.paragraphs[:3] == [
        "Report on patrols",
        "Summary:",
        "2026-11, 葵涌街道: 3 check-ins; 1 people, 2 patrols, 1 visits to cells, 0.2 hours of stay.",
    ]
    assert prose.paragraphs[-4:-3] == ["Next steps:"]
