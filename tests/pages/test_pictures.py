from pathlib import Path

import pytest

from tests.pages.pictures import make_pictures

COMMITTED = Path(__file__).parents[2] / "maps"


@pytest.mark.long
def test_the_pictures_can_be_made_anew(tmp_path: Path) -> None:
    made = make_pictures(tmp_path)
    assert {path.name for path in made} == {path.name for path in COMMITTED.glob("*.png")}
    assert all(20_000 < path.stat().st_size < 300_000 for path in made)
