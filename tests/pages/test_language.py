import pytest

from gisgrid.pages.language import full_width, sentence


@pytest.mark.parametrize(
    ("zh", "spelt"),
    [
        ("口令不对;请再试,或找管理员", "口令不对；请再试，或找管理员"),
        ("没有这个角色;角色有:cadre, liaison", "没有这个角色；角色有：cadre, liaison"),
        ("name:应为文本", "name：应为文本"),
        ("请先运行 gisgrid load 文件…,再刷新", "请先运行 gisgrid load 文件…，再刷新"),
        ("例如 2026-11-01T08:00", "例如 2026-11-01T08:00"),
        ("列出全部:gisgrid staff list", "列出全部：gisgrid staff list"),
    ],
)
def test_chinese_marks(zh: str, spelt: str) -> None:
    assert full_width(zh) == spelt


@pytest.mark.parametrize(
    ("en", "spelt"),
    [
        ("the PIN is set", "The PIN is set"),
        ("saved", "Saved"),
        ("revoked: it is out", "Revoked: it is out"),
        ("one-time links end", "One-time links end"),
        ("gisgrid load reads files", "gisgrid load reads files"),
        ("form_token is missing", "form_token is missing"),
        ("2 codes", "2 codes"),
        ("", ""),
    ],
)
def test_an_english_sentence(en: str, spelt: str) -> None:
    assert sentence(en) == spelt
