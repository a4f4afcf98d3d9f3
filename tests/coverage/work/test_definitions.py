"""Every figure of rounds, incidents and spread is defined, in both languages, with the settings used."""

from gisgrid.coverage.schemas import CellFigures
from gisgrid.coverage.work.definitions import definitions_of_work
from gisgrid.coverage.work.incidents import COUNTED, SHARES
from gisgrid.coverage.work.rounds import COLUMNS
from gisgrid.coverage.work.spread import NAMES
from gisgrid.settings import Settings


def test_every_figure_is_defined_in_both_languages() -> None:
    told = definitions_of_work(Settings(upload_grace_hours=36))
    times = ("response_s", "closing_s", "rounds_ratio", "open_gaps")
    assert set(told) == {*COLUMNS.values(), *COUNTED, *SHARES, *NAMES, *times}
    assert set(told) <= set(CellFigures.model_fields)
    for zh, en in told.values():
        assert any("一" <= letter <= "鿿" for letter in zh)
        assert en.strip()
        assert not en.isupper()
    assert "36" in told["rounds_missed"][0]
    assert "36" in told["rounds_missed"][1]
    assert "100" in told["responses"][1]
    assert told["closing_ratio"][0].startswith("结案率")
