"""Whose a name is: an account's, a stranger's, and how a stranger's becomes an account's."""

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from gisgrid.audit.record import OPERATOR
from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.patrols.people import (
    AlreadyAdopted,
    NoSuchPatroller,
    adopt,
    device_patrollers,
    own_patroller,
    patroller_ids,
    patroller_of,
)
from gisgrid.patrols.tables import Patroller
from gisgrid.settings import Settings
from gisgrid.staff.tokens import issue
from tests.staff.builders import audited
from tests.staff.callers import person


def test_a_new_name_that_somebody_signs_in_with_is_theirs(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        zhang = person(session, name="ZhangSan", full_name="张三")
        ids = patroller_ids(session, {"zhangsan": "", "ZHANGSAN": "别人", "P1": "李四"})
        own = own_patroller(session, zhang.id)
        assert own is not None
        assert (own.ref, ids["zhangsan"], ids["ZHANGSAN"]) == ("ZhangSan", own.id, own.id)
        assert patroller_of(session, zhang.id) == own
        names = dict(session.execute(select(Patroller.ref, Patroller.name)).all())
    assert names == {"ZhangSan": "张三", "P1": "李四"}


def test_a_name_that_was_there_before_is_nobodys_until_it_is_adopted(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        old = patroller_ids(session, {"zhangsan": "", "zhangsan (2)": "", "P1": ""})
        zhang, li = person(session, name="zhangsan"), person(session, name="lisi")
        assert patroller_of(session, zhang.id).ref == "zhangsan (3)"
        assert patroller_ids(session, {"zhangsan": ""}) == {"zhangsan": old["zhangsan"]}
        adopt(session, OPERATOR, "P1", li)
        assert own_patroller(session, li.id) == (old["P1"], "P1")
        with pytest.raises(AlreadyAdopted):
            adopt(session, OPERATOR, "zhangsan", li)
        with pytest.raises(AlreadyAdopted):
            adopt(session, OPERATOR, "P1", person(session))
        with pytest.raises(NoSuchPatroller):
            adopt(session, OPERATOR, "P2", person(session))
    assert [(each.subject, each.detail) for each in audited(engine, "patroller")] == [(li.id, {"patroller": old["P1"]})]


def test_nobody_can_be_called_as_a_phone_is(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        phone = issue(session, "device", name="phone").row.id
        somebody = person(session, name=f"device {phone}")
        row = device_patrollers(session, [phone])[phone]
        assert row == device_patrollers(session, [phone])[phone] != patroller_of(session, somebody.id).id


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_command_that_adopts(engine: Engine, settings: Settings) -> None:
    with session_scope(engine, write=True) as session:
        row = patroller_ids(session, {"P1": ""})["P1"]
        zhang = person(session, name="zhangsan").id
    environment = {"GISGRID_HOME": str(settings.home), "GISGRID_DATABASE_URL": settings.database_url}
    answer = CliRunner().invoke(cli, ["check-ins", "adopt", "P1", "ZhangSan"], env=environment)
    assert (answer.exit_code, answer.stdout) == (0, "P1 → ZhangSan\n")
    with session_scope(engine) as session:
        assert own_patroller(session, zhang) == (row, "P1")
