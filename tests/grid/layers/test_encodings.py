import struct
from pathlib import Path

import pytest

from gisgrid.grid.layers.encodings import dbf_encoding, known_encoding, utf8_copy
from gisgrid.grid.layers.faults import Unusable


def table(path: Path, name: bytes, values: list[bytes], width: int = 12) -> Path:
    """Write a dBASE table with one text field, byte by byte."""
    header = struct.pack("<BBBBIHH20x", 3, 126, 11, 22, len(values), 32 + 32 + 1, 1 + width)
    field = struct.pack("<11sc4xBB14x", name, b"C", width, 0)
    rows = b"".join(b" " + value[:width].ljust(width) for value in values)
    path.write_bytes(header + field + b"\r" + rows + b"\x1a")
    return path


@pytest.mark.parametrize(
    ("name", "values", "encoding"),
    [
        (b"NAME", [b"Kuichong"], "UTF-8"),
        ("名称".encode("gbk"), ["葵涌社区".encode("gbk")], "GB18030"),
        (b"NAME", ["土洋".encode("gbk")], "GB18030"),
        ("名称".encode(), ["葵涌".encode()], "UTF-8"),
        (
            "网格名称".encode(),
            ["葵涌社区".encode()],
            "UTF-8",
        ),  # the name is cut after 10 bytes, in the fourth character
        (b"NAME", ["葵涌街道办事处".encode("gbk")], "GB18030"),  # the value is cut after 12 bytes
        (b"NAME", ["𡐓头".encode("gb18030")], "GB18030"),  # a four-byte character, not in GBK
    ],
)
def test_a_table_that_says_nothing_is_read_by_what_fits(
    tmp_path: Path, name: bytes, values: list[bytes], encoding: str
) -> None:
    assert dbf_encoding(table(tmp_path / "a.dbf", name, values), None) == encoding


@pytest.mark.parametrize(
    ("cpg", "encoding"),
    [("GBK", "GB18030"), ("936", "GB18030"), ("UTF-8", "GB18030"), ("nonsense", "GB18030"), ("Big5", "BIG5")],
)
def test_a_declaration_counts_when_it_can_be_true(tmp_path: Path, cpg: str, encoding: str) -> None:
    (tmp_path / "a.cpg").write_text(cpg)
    assert dbf_encoding(table(tmp_path / "a.dbf", b"NAME", ["土洋".encode("gbk")]), None) == encoding


def test_a_wish_comes_first_and_must_fit(tmp_path: Path) -> None:
    path = table(tmp_path / "a.dbf", b"NAME", ["土洋".encode("gbk")])
    assert dbf_encoding(path, "gbk") == "GB18030"
    with pytest.raises(Unusable, match="not encoded in utf-8"):
        dbf_encoding(path, "utf-8")


def test_no_table_no_encoding(tmp_path: Path) -> None:
    assert dbf_encoding(tmp_path / "none.dbf", None) is None


@pytest.mark.parametrize("content", [b"", b"\x03", b"\x03" * 40])
def test_a_broken_table_is_left_to_the_reader(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.dbf"
    path.write_bytes(content)
    assert dbf_encoding(path, None) == "UTF-8"


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "gb18030"])
def test_text_in_another_encoding_is_copied_as_utf8(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.kml"
    path.write_text('<?xml version="1.0" encoding="GBK"?><name>葵涌</name>', encoding=encoding)
    copy, _ = utf8_copy(path, None, tmp_path)
    assert copy != path
    assert copy.read_text(encoding="utf-8") == '<?xml version="1.0" encoding="UTF-8"?><name>葵涌</name>'


def test_utf8_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("葵涌", encoding="utf-8")
    assert utf8_copy(path, None, tmp_path) == (path, "UTF-8")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(b"\xff\xff\x00\x80")
    with pytest.raises(Unusable, match="--encoding"):
        utf8_copy(path, None, tmp_path)


def test_unknown_encodings_are_refused() -> None:
    assert known_encoding(" gb2312 ") == "GB18030"
    with pytest.raises(Unusable, match="unknown encoding"):
        known_encoding("klingon")
