"""Contingency plans: the starter ones, and how others take their place."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from gisgrid.audit.record import OPERATOR
from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.incidents.emergencies.plans import (
    BadPlans,
    bring_plans,
    calls_of,
    checklist_of,
    plan_for,
    plans_in_force,
    read_plans,
    written,
)
from gisgrid.incidents.kinds.stored import starter

A_PLAN: dict[str, Any] = {
    "code": "flood",
    "name_zh": "内涝处置预案",
    "name_en": "flood",
    "kinds": ["E0402"],
    "calls": [{"role": "station_staff", "at_once": 1}, {"department": "water", "phone": "12345"}],
    "checklist": [{"zh": "抽水", "en": "pump", "department": "water", "minutes": 30}],
}


def read(*plans: dict[str, Any]) -> Any:
    return read_plans(json.dumps(plans).encode())


def test_every_kind_that_is_an_emergency_starts_a_plan_of_its_own_and_all_else_the_general_one(engine: Engine) -> None:
    urgent = [kind.code for kind in starter().kinds.values() if kind.is_emergency]
    with session_scope(engine) as session:
        codes = {kind: getattr(plan_for(session, kind), "code", None) for kind in [*urgent, "L0201"]}
        assert all(calls_of(plan) and checklist_of(plan) for plan in plans_in_force(session))
    assert codes == {
        "E0401": "collapse", "E0403": "gas", "E0409": "landslip", "L0501": "fire",
        "L0801": "rescue", "L0802": "missing", "L0803": "sea", "L0201": "general",
    }  # fmt: skip


def test_plans_are_written_out_and_brought_back(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        before = written(plans_in_force(session))
        assert bring_plans(session, OPERATOR, read_plans(before.encode())) == 8
        assert json.loads(written(plans_in_force(session))) == json.loads(before)
        bring_plans(session, OPERATOR, read(A_PLAN))
        assert [plan.code for plan in plans_in_force(session)] == ["flood"]
        assert plan_for(session, "L0801") is None
        bring_plans(session, OPERATOR, read_plans(before.encode()))
        assert getattr(plan_for(session, "L0801"), "code", "") == "rescue"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"calls": []}, "calls"),
        ({"calls": [{"role": "nobody"}]}, "nobody"),
        ({"calls": [{"role": "liaison"}]}, "liaison"),
        ({"calls": [{}]}, "a role or a department"),
        ({"calls": [{"role": "cadre", "department": "water"}]}, "a role or a department"),
        ({"calls": [{"role": "cadre", "phone": "call me"}]}, "phone"),
        ({"checklist": [{"zh": "抽水", "en": "pump", "department": "water", "minutes": -1}]}, "minutes"),
        ({"kinds": ["E0402", "E0402"]}, "E0402"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_mistakes_are_told(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadPlans) as error:
        read({**A_PLAN, **change})
    assert said in error.value.en


def test_a_department_that_is_not_there_is_told(engine: Engine) -> None:
    with session_scope(engine, write=True) as session, pytest.raises(BadPlans, match="navy"):
        bring_plans(session, OPERATOR, read({**A_PLAN, "calls": [{"department": "navy"}]}))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[]", b"{}"])
def test_what_is_no_file_of_plans_is_told(text: bytes) -> None:
    with pytest.raises(BadPlans):
        read_plans(text)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_on_the_command_line(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plans.json"
    monkeypatch.setenv("GISGRID_DATABASE_URL", database_url)

    def run(*words: str) -> str:
        result = CliRunner().invoke(cli, ["incidents", *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    assert "rescue\t人员轻生、遇险救援预案" in run("plans")
    run("plans-export", str(file))
    assert "8" in run("plans-import", str(file))
