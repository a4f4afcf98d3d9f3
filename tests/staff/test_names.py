import pytest

from gisgrid.staff.names import folded, one_line


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("zhangsan", "zhangsan"),
        ("  Zhang   San ", "Zhang San"),
        ("张三", "张三"),
        ("ＺＨＡＮＧ 三", "ZHANG 三"),
        ("张　三", "张 三"),  # an ideographic space
        ("e\u0301a", "éa"),
        ("a", None),
        ("", None),
        ("  ", None),
        ("x" * 11, None),
        ("a\nb", None),
        ("a\tb", None),
        ("a\x00b", None),
        ("a\u200bb", None),  # no width at all
        ("a\u202eb", None),  # what follows would be shown backwards
        ("a\ud800b", None),
    ],
)
def test_a_name_is_one_line_that_can_be_seen(typed: str, plain: str | None) -> None:
    assert one_line(typed, 2, 10) == plain


@pytest.mark.parametrize(
    ("one", "other"), [("Zhang", "zHANG"), ("ｚｈａｎｇ", "zhang"), ("STRASSE", "straße"), ("É", "é")]
)
def test_names_that_differ_in_case_or_width_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_names_that_differ_in_letters_are_two() -> None:
    assert folded("张三") != folded("张王")
