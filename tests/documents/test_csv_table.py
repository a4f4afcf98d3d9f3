import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.documents.csv_table import csv_bytes, guarded, read_csv, unguarded
from gisgrid.rows import UnreadableFile

TEXT = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("'=+-@\t\r\n＝＋－＠"))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("a=1", "a=1"),
        ("'a", "'a"),
        ("", ""),
    ],
)
def test_no_cell_begins_like_a_formula(cell: str, written: str) -> None:
    assert guarded(cell) == written
    assert unguarded(written) == cell


@given(TEXT, TEXT, TEXT)
def test_below_the_rows_every_line_is_a_comment_and_formulas_stay_text(cell: str, name: str, told: str) -> None:
    cell = cell.replace("\r", "\n")
    text = csv_bytes([["a", 1], [cell, 2]], [(name, told)]).decode("utf-8-sig")
    assert text.startswith("a,1\r\n")
    (last,) = text.removesuffix("\r\n").rsplit("\r\n", 1)[1:]
    assert last.startswith("# ")
    assert last.splitlines() == [last]
    remark = next(csv.reader([last]))
    assert unguarded(remark[1]) == " ".join(told.split())
    rows = csv.reader(io.StringIO(text, newline=""))
    assert [unguarded(row[0]) for row in rows][1] == cell


@pytest.mark.parametrize(("cell", "written"), [("a", "a,2\r\n"), ("3#", '"3#",2\r\n'), ("#", '"#",2\r\n')])
def test_a_sign_of_a_comment_within_a_row_is_quoted(cell: str, written: str) -> None:
    assert csv_bytes([[cell, 2]]).decode("utf-8-sig") == written


@given(TEXT)
def test_what_is_guarded_is_no_formula_and_comes_back(cell: str) -> None:
    assert guarded(cell)[:1] not in tuple("=+-@\t\r\n＝＋－＠")
    assert unguarded(guarded(cell)) == cell


@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=5))
def test_rows_come_back(rows: list[list[str]]) -> None:
    assert list(read_csv(csv_bytes([["甲", "乙"], *rows]), "a.csv")) == [["甲", "乙"], *rows]


def test_a_spreadsheet_reads_chinese() -> None:
    assert csv_bytes([["编码", "=HYPERLINK(1)"]]) == b"\xef\xbb\xbf" + "编码,'=HYPERLINK(1)\r\n".encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_what_offices_send(encoding: str, between: str) -> None:
    text = f"编码{between}名称\r\n\r\n1{between}“甲”\n"
    assert list(read_csv(text.encode(encoding), "a.csv")) == [["编码", "名称"], [], ["1", "“甲”"]]


def test_a_cell_that_is_too_long_is_told() -> None:
    long = io.StringIO()
    csv.writer(long).writerows([["a"], ["x" * 200_000]])
    with pytest.raises(UnreadableFile, match="第 2 行"):
        list(read_csv(long.getvalue().encode(), "a.csv"))
    with pytest.raises(UnreadableFile, match="编码无法识别"):
        list(read_csv(b"a\n\xff\xff", "a.csv"))


def test_numbers_are_no_text() -> None:
    assert csv_bytes([["-5", -5, -0.25]]) == b"\xef\xbb\xbf'-5,-5,-0.25\r\n"
