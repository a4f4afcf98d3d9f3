from gisgrid.coverage.told.nested import finest, highest, levels_in, short_names, total, whole_of
from tests.coverage.reports import a_cell, a_report, cells


def codes(found):
    return [cell.code for cell in found]


def test_the_whole_and_its_parts():
    report = a_report()
    assert levels_in(report) == ["street", "community", "substation"]
    assert whole_of(report).code == "X"
    assert codes(highest(report)) == ["X"]
    assert codes(finest(report)) == ["NE", "NW", "SW"]


def test_without_a_whole_what_is_countable_adds_up():
    report = a_report(a_cell("1", check_ins=3, open_gaps=None), a_cell("2", check_ins=4, open_gaps=2))
    assert whole_of(report) is None
    assert codes(highest(report)) == codes(finest(report)) == ["1", "2"]
    assert total(report.cells, "check_ins") == 7
    assert total(report.cells, "open_gaps") == 2
    assert total(report.cells, "filed") is None


def test_an_empty_report_has_neither():
    report = a_report(cells=[])
    assert (levels_in(report), whole_of(report), highest(report), finest(report)) == ([], None, [], [])


def test_short_names_leave_out_what_all_of_a_level_end_in():
    its = [a_cell("1", "葵涌社区"), a_cell("2", "坝光社区"), a_cell("3", "石下工作分站", level="substation")]
    assert short_names(its) == {"1": "葵涌", "2": "坝光", "3": "石下工作分站"}
    assert short_names([a_cell("1", "甲站"), a_cell("2", "乙站")]) == {"1": "甲站", "2": "乙站"}
    assert short_names([a_cell("1", "同"), a_cell("2", "同")]) == {"1": "同", "2": "同"}
    assert short_names(cells())["NE"] == "东北"
