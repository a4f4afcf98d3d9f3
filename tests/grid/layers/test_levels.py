import pytest

from gisgrid.grid.layers.levels import level_in_name, level_of_code, level_of_value, level_of_word


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("街道", "street"),
        (" Street ", "street"),
        ("社区", "community"),
        ("工作分站", "substation"),
        ("海", None),
        ("", None),
    ],
)
def test_words(word: str, level: str | None) -> None:
    assert level_of_word(word) == level


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("2", "community"),
        ("3.0", "substation"),
        ("一级网格", "street"),
        ("二级", "community"),
        ("第三级网格", "substation"),
        ("1级", "street"),
        ("大网格", "street"),
        ("中网格", "community"),
        ("小网格", "substation"),
        ("社区级", "community"),
        ("网格", "substation"),
        ("四级", None),
        ("4", None),
        ("", None),
    ],
)
def test_values_of_a_level_field(value: str, level: str | None) -> None:
    assert level_of_value(value) == level


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("葵涌街道网格", "substation"),  # the last word counts
        ("葵涌街道社区界", "community"),
        ("kc_communities_2026", "community"),
        ("Substations", "substation"),
        ("葵涌工作分站", "substation"),
        ("葵涌大网格", "street"),
        ("葵涌二级网格", "community"),
        ("my.sqlite.export", None),  # "sq" is not a word of its own there
        ("sq_2024", "community"),
        ("boundaries", None),
    ],
)
def test_names_of_files_and_layers(name: str, level: str | None) -> None:
    assert level_in_name(name) == level


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("440307009", "street"),
        ("440307009001", "community"),
        ("440307009001001", "substation"),
        ("44030700900", None),
        ("44030700A", None),
        ("٤٤٠٣٠٧٠٠٩", None),
        ("", None),
    ],
)
def test_lengths_of_codes(code: str, level: str | None) -> None:
    assert level_of_code(code) == level
