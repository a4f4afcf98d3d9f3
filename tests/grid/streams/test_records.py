import csv
import io
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.grid.streams import records
from gisgrid.grid.streams.records import EndlessRecord, Records, field_ends, read_records

texts = st.text(st.sampled_from('ab"",\n 中'), max_size=5)


def written(field: str, *, marked: bool) -> str:
    """A field as exporters write it: marked, or plain where that can be told apart."""
    needs_marks = any(character in field for character in ",\n") or field.startswith('"')
    return '"' + field.replace('"', '""') + '"' if marked or needs_marks else field


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of written fields. At least two in a row: an empty line is no row of one field."""
    row = st.lists(st.builds(lambda field, marked: written(field, marked=marked), texts, st.booleans()), min_size=2)
    return draw(st.lists(row, min_size=1, max_size=8))


def held(data: bytes) -> Records:
    return Records(data, field_ends(data, b","), b",")


@given(tables(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "gb18030"]))
def test_fields_are_found_as_they_were_written(rows: list[list[str]], line_end: str, encoding: str) -> None:
    found = held("".join(",".join(row) + line_end for row in rows).encode(encoding))
    assert found.widths.tolist() == [len(row) for row in rows]
    assert not found.are_blank.any()
    for column in range(max(len(row) for row in rows)):
        fields = found.fields(column).to_pylist()
        there = [None if field is None else field.decode(encoding).removesuffix("\r") for field in fields]
        assert there == [row[column] if column < len(row) else None for row in rows]


@given(tables())
def test_python_finds_the_same_records(rows: list[list[str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    assert held(text.encode()).widths.tolist() == [len(row) for row in csv.reader(io.StringIO(text, newline=""))]


@given(tables(), st.sets(st.integers(0, 4), max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_fields_can_be_taken_out(rows: list[list[str]], columns: set[int], line_end: str) -> None:
    def of(table: list[list[str]]) -> bytes:
        return "".join(",".join(row) + line_end for row in table).encode()

    stay = [[field for number, field in enumerate(row) if number not in columns] for row in rows]
    assert held(of(rows)).without(columns).data == of(stay)


@given(tables(), st.sampled_from(["\n", "\r\n"]))
def test_texts_follow_each_record_and_nothing_else_changes(rows: list[list[str]], line_end: str) -> None:
    more = [f";{number}" for number in range(len(rows))]
    found = held("".join(",".join(row) + line_end for row in rows).encode())
    joined = found.followed_by(pa.array([b"!"] * len(rows)), pa.array([text.encode() for text in more]))
    pairs = zip(rows, more, strict=True)
    assert joined.decode() == "".join(",".join(row) + "!" + text + line_end for row, text in pairs)


@given(tables(), st.integers(1, 40), st.booleans())
def test_blocks_of_any_size_hold_whole_records(rows: list[list[str]], block: int, is_ended: bool) -> None:
    text = "\n".join(",".join(row) for row in rows) + "\n" * is_ended
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "BLOCK", block)
        blocks = list(read_records(BytesIO(b"head" + text.encode()), 4, b","))
    assert b"".join(found.data for found, _ in blocks).decode() == text + "\n" * (not is_ended)
    assert [width for found, _ in blocks for width in found.widths] == [len(row) for row in rows]
    place = 4
    for found, end in blocks:
        place += len(found.data)
        assert end == place


def test_empty_lines_are_told() -> None:
    assert held(b"\na,b\n\r\n,\n").are_blank.tolist() == [True, False, True, False]


def test_one_record_is_taken() -> None:
    found = held(b'a,b\n"c\n",d\ne,f\n').record(1)
    assert (found.data, found.widths.tolist()) == (b'"c\n",d\n', [2])


@pytest.mark.parametrize("text", [b'a,"b\nc,d\n', b'a,b\n"c', b'x,"', b'"a""\n'])
def test_a_mark_that_is_not_closed_is_told(text: bytes) -> None:
    with pytest.raises(EndlessRecord, match="引号"):
        list(read_records(BytesIO(text), 0, b","))


def test_an_endless_record_is_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 1000)
    monkeypatch.setattr(records, "BLOCK", 300)
    file = BytesIO(b"a" * 1_000_000)
    with pytest.raises(EndlessRecord):
        list(read_records(file, 0, b","))
    assert file.tell() < 2000


def test_nothing_has_no_records() -> None:
    assert list(read_records(BytesIO(b""), 0, b",")) == []
