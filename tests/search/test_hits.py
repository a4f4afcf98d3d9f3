import pytest

from gisgrid.search.hits import best, rank


@pytest.mark.parametrize(
    ("key", "texts", "well"),
    [
        ("葵涌", ["葵涌"], 0),
        ("葵涌", ["葵涌街道"], 1),
        ("街道", ["葵涌街道"], 2),
        ("街道", ["", "葵涌街道", "街道"], 0),
        ("ab12", ["Ａ Ｂ１２"], 0),
        ("x", ["葵涌", ""], None),
    ],
)
def test_how_well_texts_answer(key: str, texts: list[str], well: int | None) -> None:
    assert rank(key, *texts) == well


def test_the_best_come_first_and_that_there_are_more_is_told() -> None:
    found = [(2, "c"), (None, "x"), (0, "a"), (1, "b"), (1, "bb")]
    assert best(found, 4) == (["a", "b", "bb", "c"], False)
    assert best(found, 2) == (["a", "b"], True)
    assert best([(None, "x")], 2) == ([], False)
