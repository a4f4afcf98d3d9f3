"""What is kept by a key: worked out once, and so many at most."""

from gisgrid.patrols.kept import Kept


def test_it_is_worked_out_once_and_the_first_goes_first() -> None:
    worked: list[int] = []

    def ten_times(number: int) -> int:
        worked.append(number)
        return 10 * number

    kept: Kept[int, int] = Kept(most=2)
    for number in (1, 2, 1, 2, 3, 2, 1):
        assert kept.of(number, lambda its=number: ten_times(its)) == 10 * number  # type: ignore[misc]
    assert worked == [1, 2, 3, 1]
