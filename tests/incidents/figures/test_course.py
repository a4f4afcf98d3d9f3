import pytest

from gisgrid.incidents.figures.course import Course
from tests.incidents.figures.records import at, course

DONE = "report 0 file 1 dispatch 2 accept 3 finish 8 pass 30"


def spells(found: Course) -> list[tuple[float, float | None]]:
    def hour(moment):  # type: ignore[no-untyped-def]
        return None if moment is None else (moment - at(0)).total_seconds() / 3600

    return [(hour(start), hour(end)) for start, end in found.overdue]


@pytest.mark.parametrize(
    ("line", "closed", "in_time", "overdue"),
    [
        ("report 0", None, False, []),
        ("report 0 file 1", None, False, [(11, None)]),  # due ten hours after it was filed
        (DONE, 30, True, []),  # the check may take its time
        ("report 0 file 1 dispatch 2 accept 3 finish 11 pass 30", 30, True, []),  # at the very limit
        ("report 0 file 1 dispatch 2 accept 3 finish 12 pass 30", 30, False, [(11, 30)]),
        ("report 0 file 1 dispatch 2 accept 3 finish 12", None, False, [(11, None)]),  # handled too late, not checked
        ("report 0 file 1 dispatch 2 accept 3 finish 8", None, False, []),  # handled in time, waiting for its check
        ("report 0 file 1 dispatch 2 accept 3 finish 8 fail 20 finish 22 pass 23", 23, True, []),
        ("report 0 file 1 dispatch 2 accept 3 finish 8 fail 20 finish 24 pass 25", 25, False, [(23, 25)]),
        ("report 0 file 1 dispatch 2 accept 3 suspend 4 resume 100", None, False, [(107, None)]),
        ("report 0 file 1 dispatch 2 accept 3 suspend 4", None, False, []),
        ("report 0 file 1 dispatch 2 accept 3 extend 4 finish 20 pass 21", 21, True, []),
        ("report 0 file 1 dispatch 2 send_back 3 dispatch 20 accept 20 finish 21 pass 22", 22, False, [(11, 22)]),
        ("report 0 file 1 merge 20", None, False, [(11, 20)]),
        ("report 0 reject 1", None, False, []),
        ("report 0 settle 5", 5, True, []),
        ("report 0 settle 5 pass 9", 5, True, []),  # the check of one settled on the spot closes nothing
        ("report 0 settle 5 evaluate 9", 5, True, []),
        ("report 0 settle 5 fail 9", None, False, []),
        ("report 0 settle 5 fail 9 file 10 dispatch 11 accept 12 finish 13 pass 14", 14, True, []),
        (f"{DONE} evaluate 40", 30, True, []),
        # a closing that was undone is none: its clock is held to have gone on, from the closing at the earliest
        (f"{DONE} reopen 50", None, False, [(30, None)]),
        ("report 0 file 1 dispatch 2 accept 3 finish 4 pass 5 reopen 50", None, False, [(11, None)]),
        ("report 0 file 1 dispatch 2 accept 3 finish 4 pass 5 reopen 6 reject 20", None, False, [(11, 20)]),
        (f"{DONE} reopen 50 file 51 dispatch 52 accept 52 finish 53 pass 54", 54, True, [(30, 51)]),
        (f"{DONE} reopen 50 file 51", None, False, [(30, 51), (61, None)]),
    ],
)
def test_what_closed_it_and_when_it_was_overdue(
    line: str, closed: float | None, in_time: bool, overdue: list[tuple[float, float | None]]
) -> None:
    found = course(line)
    assert found.closed_at == (None if closed is None else at(closed))
    assert found.is_in_time == in_time
    assert spells(found) == overdue


def test_what_lies_ahead_has_not_happened() -> None:
    assert course(DONE, now=20).closed_at is None
    assert course(DONE, now=5).handled == ()
    assert course(f"{DONE} reopen 50", now=40).closed_at == at(30)


def test_without_a_limit_nothing_is_overdue() -> None:
    found = course("report 0 file 1 dispatch 2 accept 3 finish 500 pass 501", limit=None)
    assert (found.is_in_time, found.overdue) == (True, ())


@pytest.mark.parametrize(
    ("line", "undone"),
    [
        ("report 0 file 1 dispatch 2", [False]),
        ("report 0 file 1 dispatch 2 send_back 3", [True]),
        ("report 0 file 1 dispatch 2 transfer 3 send_back 4", [True]),
        ("report 0 file 1 dispatch 2 accept 3 send_back 4 dispatch 5 accept 6", [True, False]),
    ],
)
def test_a_dispatch_that_is_sent_back_was_wrong(line: str, undone: list[bool]) -> None:
    assert [each.is_undone for each in course(line).dispatches] == undone


def test_work_that_fails_its_check_is_undone() -> None:
    found = course("report 0 file 1 dispatch 2 accept 3 finish 4 fail 5 finish 6 pass 7 reopen 8")
    assert [each.is_undone for each in found.handled] == [True, False]


def test_what_is_settled_on_the_spot() -> None:
    assert course("report 0 file 1 settle 2 pass 3").is_on_the_spot
    assert not course(DONE).is_on_the_spot
