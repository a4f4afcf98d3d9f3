from typing import Literal

import pytest
from pydantic import BaseModel, ValidationError

from gisgrid.words import bad_input

Level = Literal["street", "community"]


class Asked(BaseModel):
    level: Level | Literal["all"] | Literal["none"] = "all"
    one: Literal["open"] = "open"
    levels: list[Level | Literal["all"]] = []


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (
            {"level": "galaxy"},
            "level:应为 'street'、'community'、'all' 或 'none'",
            "level must be 'street', 'community', 'all' or 'none'",
        ),
        ({"one": "x"}, "one:应为 'open'", "one must be 'open'"),
        (
            {"level": "x", "one": "x"},
            "level:应为 'street'、'community'、'all' 或 'none';one:应为 'open'",
            "level must be 'street', 'community', 'all' or 'none'; one must be 'open'",
        ),
        (
            {"levels": ["all", "x"]},
            "levels:应为 'street'、'community' 或 'all'",
            "levels must be 'street', 'community' or 'all'",
        ),
    ],
)
def test_what_a_place_takes_is_told_once_and_without_our_own_names(given: dict[str, str], zh: str, en: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Asked(**given)
    told = bad_input(caught.value.errors())
    assert (told.zh, told.en) == (zh, en)
