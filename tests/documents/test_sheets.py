"""Workbooks that others wrote, sound and not."""

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gisgrid.documents import sheets
from gisgrid.documents.sheets import SheetTooLarge, read_rows
from gisgrid.documents.workbook import workbook
from gisgrid.rows import UnreadableFile

CELL = '<row r="{0}"><c r="{1}"><v>1</v></c></row>'


def a_book(*rows: list[Any], **more: list[list[Any]]) -> bytes:
    """Return a workbook as openpyxl writes it."""
    book = openpyxl.Workbook()
    for name, its in {"表": list(rows), **more}.items():
        sheet = book.create_sheet(name)
        for row in its:
            sheet.append(row)
    book.remove(book.worksheets[0])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def with_sheet(content: str, head: str = "", size: str = "", more: str = "") -> bytes:
    """Return a workbook whose first sheet is replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_book([1]))) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                body = f"{size}<sheetData>{content}</sheetData>{more}"
                data = f'{head}<worksheet xmlns="{space}">{body}</worksheet>'.encode()
            new.writestr(entry.filename, data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.0, "2"),
        (2.5, "2.5"),
        (0.1 + 0.2, "0.3"),
        (440307009001001, "440307009001001"),
        (440307009001001.0, "440307009001001"),
        (-3, "-3"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 8, 5), "2026-11-01 08:05:00"),  # noqa: DTZ001 - a workbook knows no zones
        (time(8, 5), "08:05:00"),
        ("甲_x000D_\n乙", "甲\r\n乙"),
        (" 甲 ", " 甲 "),
        ("#N/A", "#N/A"),
    ],
)
def test_a_cell_is_read_as_it_is_shown(value: object, shown: str) -> None:
    assert read_rows(a_book([value]), "a.xlsx") == {"表": [[shown]]}


def test_sheets_rows_and_gaps() -> None:
    made = a_book(["a", None, "c", None], [None], [None, "b"], [" "], 二=[], 三=[["x"]])
    assert read_rows(made, "A.XLSX") == {"表": [["a", "", "c"], [], ["", "b"]], "二": [], "三": [["x"]]}


def test_a_formula_is_not_computed() -> None:
    assert read_rows(a_book(["=1+1", "x"]), "a.xlsx") == {"表": [["", "x"]]}
    saved = with_sheet('<row r="1"><c r="A1"><f>WEBSERVICE("http://x")</f><v>7</v></c></row>')
    assert read_rows(saved, "a.xlsx") == {"表": [["7"]]}


def test_csv_and_files(tmp_path: Path) -> None:
    (tmp_path / "甲.csv").write_bytes("编码,值\n'-1,\n,\n".encode("gb18030"))
    assert read_rows(tmp_path / "甲.csv", "甲.csv") == {"甲": [["编码", "值"], ["-1"]]}
    (tmp_path / "a.xlsx").write_bytes(workbook({"一": [["a", 2.0]]}))
    assert read_rows(tmp_path / "a.xlsx", "a.xlsx") == {"一": [["a", "2"]]}
    with pytest.raises(UnreadableFile, match="打不开"):
        read_rows(tmp_path / "none.csv", "none.csv")


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "a.pdf", "请给出 .xlsx 或 .csv"),
        (b"", "a", "请给出 .xlsx 或 .csv"),
        (b"", "a.xlsx", "不是完好的 .xlsx"),
        (b"a,b\n", "a.xlsx", "不是完好的 .xlsx"),
        (b"PK\x03\x04" + b"\0" * 50, "a.xlsx", "不是完好的 .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xlsx", "旧式 .xls 或设了密码"),
        (a_book([1])[:-200], "a.xlsx", "不是完好的 .xlsx"),
        (with_sheet("<row r='1'><c r='A1'><v>1</v>"), "a.xlsx", "不是完好的 .xlsx"),
        (with_sheet("<row r='1'><c r='ZZZZZZZ1'><v>1</v></c></row>"), "a.xlsx", "不是完好的 .xlsx"),
        (
            with_sheet("<row r='1'><c r='A1' t='str'><v>&a;</v></c></row>", '<!DOCTYPE a [<!ENTITY a "x">]>'),
            "a.xlsx",
            "不是完好的 .xlsx",
        ),
    ],
)
def test_what_is_no_workbook_is_told_in_words(data: bytes, name: str, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told):
        read_rows(data, name)


def a_zip(**entries: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_a_zip_that_is_no_workbook() -> None:
    with pytest.raises(UnreadableFile, match="不是完好的"):
        read_rows(a_zip(a=b"1"), "a.xlsx")


def test_what_says_little_and_holds_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "UNPACKED", 1 << 20)
    bomb = a_zip(a=bytes(2 << 20))
    assert len(bomb) < 4000
    with pytest.raises(SheetTooLarge, match="展开后超过 1 MB"):
        read_rows(bomb, "a.xlsx")
    monkeypatch.setattr(sheets, "LARGEST", 1 << 20)
    with pytest.raises(SheetTooLarge, match="文件超过 1 MB"):
        read_rows(bytes((1 << 20) + 1), "a.csv")


@pytest.mark.parametrize(
    "content",
    [
        CELL.format(10**15, f"A{10**15}"),
        "".join(CELL.format(number, f"XFD{number}") for number in range(1, 9)),
        "".join(f'<row r="{number}"><c r="XFD{number}"/></row>' for number in range(1, 9)),
    ],
)
def test_cells_far_away_are_not_reached(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_CELLS", 100_000)
    with pytest.raises(SheetTooLarge, match="超过 100000 格"):
        read_rows(with_sheet(content), "a.xlsx")


def test_a_csv_of_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_CELLS", 100)
    with pytest.raises(SheetTooLarge):
        read_rows(b",,,,\n" * 50, "a.csv")


def test_lists_to_choose_from_are_no_matter() -> None:
    more = '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst>'
    assert read_rows(with_sheet('<row r="1"><c r="A1"><v>5</v></c></row>', more=more), "a.xlsx") == {"表": [["5"]]}


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    data = with_sheet('<row r="2"><c r="B2"><v>5</v></c></row>', size='<dimension ref="A1:A1"/>')
    assert read_rows(data, "a.xlsx") == {"表": [[], ["", "5"]]}
