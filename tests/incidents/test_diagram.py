"""The picture of the loop in the README is made from the table."""

from pathlib import Path

from typer.testing import CliRunner

from gisgrid.cli import cli
from gisgrid.incidents.diagram import diagram
from gisgrid.incidents.lifecycle import RULES

README = Path(__file__).parents[2] / "README.md"


def test_the_picture_in_the_readme_is_that_of_the_table() -> None:
    assert f"```mermaid\n{diagram()}\n```" in README.read_text(encoding="utf-8")


def test_the_command_prints_it() -> None:
    told = CliRunner().invoke(cli, ["incidents", "loop"])
    assert told.output.rstrip() == diagram()


def test_every_move_that_leads_elsewhere_is_drawn() -> None:
    drawn = diagram().splitlines()
    for rule in RULES.values():
        for start, end in rule.leads.items():
            arrow = [line for line in drawn if line.startswith(f"    {start} --> {end}:")]
            assert bool(arrow) == (start != end)
            assert all(rule.zh in line for line in arrow)
