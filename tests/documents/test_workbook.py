import io
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.documents.sheets import read_rows
from gisgrid.documents.workbook import LONGEST, NARROWEST, WIDEST, CellTooLong, Sheet, workbook

# a text such as _x0041_ is read as what spreadsheets mean by it: one character
CELL = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(lambda text: "_x" not in text)
NASTY = ["=1+1", "http://x/", "12", "<r>a</r>", "<r></r>", "a\r\nb", "'=1", " ", "&lt;", "\x01", "\ufffe"]


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


@settings(max_examples=50)
@given(st.lists(st.lists(CELL | st.sampled_from(NASTY), min_size=1, max_size=3), max_size=4))
def test_text_comes_back_as_it_was(rows: list[list[str]]) -> None:
    ended = [[*row, "|"] for row in [["头"], *rows]]
    assert read_rows(workbook({"表": ended}), "a.xlsx") == {"表": ended}


def test_what_a_spreadsheet_sees() -> None:
    made = opened(workbook({"一": [["编码", "数"], ["=1+1", 2.5], ["http://x/", 3], ["", None]], "二": []}))
    assert made.sheetnames == ["一", "二"]
    sheet = made["一"]
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet["A2:B3"]] == [
        [("=1+1", "s"), (2.5, "n")],
        [("http://x/", "s"), (3, "n")],
    ]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert not sheet["A2"].font.bold
    assert sheet["A3"].hyperlink is None


def test_columns_are_as_wide_as_what_they_hold() -> None:
    sheet = opened(workbook({"一": [["a", "类别编码类别", "x"], ["b", "", "y" * 500, "zzzzzzzzz"]]}))["一"]
    widths = [round(sheet.column_dimensions[column].width) for column in "ABCD"]
    assert widths == pytest.approx([NARROWEST, 14, WIDEST, 11], abs=1)


def test_a_text_that_no_cell_holds_is_refused_and_not_cut() -> None:
    longest = "😀" * (LONGEST // 2)
    assert read_rows(workbook({"一": [["a"], [longest]]}), "a.xlsx")["一"][1] == [longest]
    with pytest.raises(CellTooLong, match="“一”第 2 行有一格超过 32767 字"):
        workbook({"一": [["a"], [longest + "ab"]]})


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_a_sheet_of_figures_has_formats_bars_and_a_row_of_sums() -> None:
    rows = [
        ["名称", "到达率", "时间"],
        ["一", 0.5, datetime.fromisoformat("2026-11-01T08:00")],
        ["二", "n/a", None],
        ["和", 0.4],
    ]
    made = Sheet(rows, {1: "0.0%", 2: "yyyy-mm-dd hh:mm"}, shares=[1], totals=1, fixed=1)
    sheet = opened(workbook({"表": made}))["表"]
    assert [(cell.value, cell.data_type, cell.number_format) for cell in sheet["B"][1:]] == [
        (0.5, "n", "0.0%"),
        ("n/a", "s", "0.0%"),
        (0.4, "n", "0.0%"),
    ]
    assert sheet["C2"].value == rows[1][2]
    assert sheet["C2"].number_format == "yyyy-mm-dd hh:mm"
    assert sheet.freeze_panes == "B2"
    assert [sheet[cell].font.bold for cell in ("A1", "B1", "A2", "A4", "B4")] == [True, True, False, True, True]
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["B2:B3"]
    assert sheet.print_title_rows == "$1:$1"


def test_prose_is_wrapped_and_an_empty_sheet_has_no_bars() -> None:
    sheet = opened(workbook({"说明": Sheet([["a"], ["长" * 99]], is_prose=True)}))["说明"]
    assert sheet["A2"].alignment.wrap_text
    assert not list(opened(workbook({"空": Sheet([["a"]], {0: "0"}, shares=[0])}))["空"].conditional_formatting)
