import pickle

import pytest

from gisgrid.errors import STATUS, Conflict, GisgridError, NotFound, Refused, status_of


class NoSuchThing(NotFound):
    pass


class Odd(GisgridError):
    pass


@pytest.mark.parametrize(
    ("kind", "status"), [(NoSuchThing, 404), (Conflict, 409), (Refused, 422), (Odd, 500), *STATUS.items()]
)
def test_status_is_that_of_the_nearest_class_of_the_family(kind: type[GisgridError], status: int) -> None:
    assert status_of(kind("错", "wrong")) == status


def test_an_error_says_it_in_both_languages_and_has_its_class_as_code() -> None:
    error = NoSuchThing("没有", "there is none")
    assert (error.code, error.description, str(error)) == (
        "NoSuchThing",
        "没有 / there is none",
        "没有 / there is none",
    )


def test_an_error_comes_unchanged_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(NoSuchThing("没有", "there is none")))  # noqa: S301
    assert (error.code, error.zh, error.en) == ("NoSuchThing", "没有", "there is none")
