"""An edition goes out to a spreadsheet and comes back as it was."""

import pytest
from hypothesis import given, settings

from gisgrid.documents.sheets import read_rows
from gisgrid.incidents.kinds.brought import NotATable, TableMissing, files_of, tables_of
from gisgrid.incidents.kinds.edition import Edition
from gisgrid.incidents.kinds.read_edition import read_edition
from gisgrid.incidents.kinds.stored import starter
from gisgrid.incidents.kinds.write_edition import write_edition
from tests.incidents.kinds.editions import editions


def through_csv(edition: Edition) -> Edition:
    kinds, conditions = (read_rows(data, name) for name, data in files_of(edition, "表.csv").items())
    return read_edition(kinds["表"], conditions["表-conditions"], edition.first_day)


def through_workbook(edition: Edition) -> Edition:
    (data,) = files_of(edition, "表.xlsx").values()
    return read_edition(*tables_of(read_rows(data, "表.xlsx")), edition.first_day)


@settings(max_examples=40)
@given(editions())
def test_it_comes_back_from_csv(edition: Edition) -> None:
    assert through_csv(edition) == edition
    assert read_edition(*write_edition(edition), edition.first_day) == edition


@settings(max_examples=20)
@given(editions())
def test_it_comes_back_from_a_workbook(edition: Edition) -> None:
    assert through_workbook(edition) == edition


def test_the_edition_of_the_program_comes_back() -> None:
    assert through_csv(starter()) == through_workbook(starter()) == starter()


def test_people_read_chinese() -> None:
    kinds, conditions = write_edition(starter(), is_chinese=True)
    rows = {row[0]: row for row in kinds}
    assert rows["编码"][5:9] == ["知悉范围", "默认部门", "结案要照片", "结案距离米"]
    assert rows["L0301"][5:] == ["仅经办人", "stability", "", "", "是", "信访", "", ""]
    assert ["E0102", "1", "生活垃圾", "household rubbish", "4", "小时", "工作时间"] in conditions


def test_sheets_are_found_by_their_names() -> None:
    a, b = [["a"]], [["b"]]
    assert tables_of({"说明": [], "类别": a, "条件": b}) == (a, b)
    assert tables_of({" Conditions": b, "KINDS": a}) == (a, b)
    for sheets in ({"类别": a}, {"条件": b}, {}, {"类别": a, "kinds": a, "条件": b}):
        with pytest.raises(TableMissing, match=r"应有一个名为“(类别|条件)”的工作表"):
            tables_of(sheets)


def test_other_files_are_not_written() -> None:
    assert list(files_of(starter(), "甲/表.CSV")) == ["甲/表.CSV", "甲/表-conditions.CSV"]
    with pytest.raises(NotATable):
        files_of(starter(), "表.pdf")
