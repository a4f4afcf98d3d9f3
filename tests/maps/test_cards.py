import pytest

from gisgrid.maps.cards import arrow, count, points

NAN = float("nan")


@pytest.mark.parametrize(
    ("change", "told", "drawn"),
    [
        (0.041, "+4.1", "▲ 4.1"),
        (-0.12345, "−12.3", "▼ 12.3"),
        (0.0, "+0.0", "＝ 0.0"),
        (-0.0004, "+0.0", "＝ 0.0"),
        (NAN, "n/a", "n/a"),
    ],
)
def test_a_change_in_points(change: float, told: str, drawn: str) -> None:
    assert (points(change), arrow(change)) == (told, drawn)


@pytest.mark.parametrize(("number", "told"), [(1234, "1,234"), (0, "0"), (7.0, "7"), (NAN, "n/a"), (None, "n/a")])
def test_a_count(number: float | None, told: str) -> None:
    assert count(number) == told
