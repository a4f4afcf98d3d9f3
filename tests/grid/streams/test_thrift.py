"""Footers that pyarrow writes are the real thing; what they hold is told by pyarrow."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.grid.streams import thrift
from gisgrid.grid.streams.footers import split

KINDS = [thrift.I16, thrift.I32, thrift.I64, thrift.BINARY, thrift.LIST, thrift.STRUCT, thrift.TRUE, thrift.BYTE]


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers(value: int) -> None:
    assert thrift.number_of(thrift.integer(value) + b"more") == value


@pytest.mark.parametrize(("value", "data"), [(0, b"\0"), (-1, b"\1"), (1, b"\2"), (-64, b"\x7f"), (64, b"\x80\1")])
def test_integers_as_the_specification_has_them(value: int, data: bytes) -> None:
    assert thrift.integer(value) == data


@given(st.binary(max_size=300))
def test_texts(content: bytes) -> None:
    assert thrift.text_of(thrift.text(content) + b"more") == content


@given(st.lists(st.binary(max_size=3), max_size=40), st.lists(st.binary(max_size=3), max_size=40))
def test_lists(first: list[bytes], more: list[bytes]) -> None:
    made = thrift.list_of(thrift.BINARY, [thrift.text(one) for one in first])
    longer = thrift.extended(made, [thrift.text(one) for one in more])
    assert [thrift.text_of(item) for item in thrift.items(longer)] == first + more
    assert longer == thrift.list_of(thrift.BINARY, [thrift.text(one) for one in first + more])


values = st.one_of(
    st.tuples(st.sampled_from([thrift.I16, thrift.I32, thrift.I64]), st.integers(-99999, 99999).map(thrift.integer)),
    st.tuples(st.just(thrift.BINARY), st.binary(max_size=5).map(thrift.text)),
    st.tuples(st.sampled_from([thrift.TRUE, thrift.FALSE]), st.just(b"")),
    st.tuples(st.just(thrift.BYTE), st.binary(min_size=1, max_size=1)),
    st.tuples(st.just(thrift.DOUBLE), st.binary(min_size=8, max_size=8)),
    st.tuples(st.just(thrift.LIST), st.binary(max_size=20).map(lambda data: thrift.list_of(thrift.TRUE, [data[:1]]))),
).filter(lambda value: value[0] != thrift.LIST or len(value[1]) == 2)
structs = st.dictionaries(st.integers(1, 300), values, max_size=6)


@given(structs, structs)
def test_structs(first: thrift.Fields, second: thrift.Fields) -> None:
    outer = {5: (thrift.STRUCT, thrift.struct(first)), 1: (thrift.LIST, _list([first, second])), **_beyond(second)}
    assert thrift.fields(thrift.struct(outer) + b"more") == outer
    assert [thrift.fields(item) for item in thrift.items(outer[1][1])] == [first, second]


def _list(of: list[thrift.Fields]) -> bytes:
    return thrift.list_of(thrift.STRUCT, [thrift.struct(each) for each in of])


def _beyond(values: thrift.Fields) -> thrift.Fields:
    return {number + 1000: value for number, value in values.items()}


def test_a_real_footer_comes_apart_and_together_again() -> None:
    sink = pa.BufferOutputStream()
    table = pa.table({"a": list(range(40)), "b": [{"c": [0.5], "d": "x"}] * 40})
    pq.write_table(table, sink, row_group_size=2, write_page_index=True)
    _, footer = split(sink.getvalue().to_pybytes())
    top = thrift.fields(footer)
    assert thrift.struct(top) == footer
    assert thrift.number_of(top[3][1]) == 40
    groups = thrift.items(top[4][1])
    assert len(groups) == 20
    assert all(thrift.struct(thrift.fields(group)) == group for group in groups)
