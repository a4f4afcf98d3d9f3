import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.documents.chinese import as_set

NARROW = str.maketrans("，；：？！（）", ",;:?!()")


@pytest.mark.parametrize(
    ("words", "wide"),
    [
        ("打卡 1,500 次(较上期增加 5.0%);巡查 2 次", "打卡1,500次（较上期增加5.0%）；巡查2次"),
        ("到达率 42.1%(50 米估算,区间 40.0%–44.3%),较上期", "到达率42.1%（50米估算，区间40.0%–44.3%），较上期"),
        ("首版出于 2026-11-01 08:30。", "首版出于2026-11-01 08:30。"),
        ("无到达率(n/a)", "无到达率（n/a）"),
        ("结案率 n/a,超期 1 件", "结案率n/a，超期1件"),
        ("f(x), g: 1,5", "f(x), g: 1,5"),
        ("葵涌: 3", "葵涌：3"),
        ("", ""),
    ],
)
def test_punctuation_is_wide_where_chinese_is(words, wide):
    assert as_set(words) == wide
    assert as_set(wide) == wide


@given(st.text(st.sampled_from("葵涌a1%(),;: 。（，")))
def test_nothing_but_punctuation_and_gaps_changes(words):
    narrow = as_set(words).translate(NARROW).replace(" ", "")
    assert narrow == words.translate(NARROW).replace(" ", "")
