import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.staff.tables import Appointment, Person
from tests.laid import COMMUNITY
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.staff.builders import GOOD, PIN, audited, hire


@pytest.fixture
def administrator(visit: Visit) -> Visitor:
    return visit(("administrator", None), name="guanli")


def test_adding_somebody_gives_a_link_once_with_which_they_come_in(
    administrator: Visitor, visit: Visit, engine: Engine
) -> None:
    administrator.get("/admin", 303).follow().send("/admin/people", 200, name="wangwu", full_name="王五")
    link = administrator.page.value("secret")
    assert "离开本页" in administrator.text
    assert "新的一次性登录链接" in administrator.text.replace("“新的一次性登录链接”", "")
    newcomer = visit().post("/enter", words=link.partition("#")[2])
    assert newcomer.place == "/me/password"
    assert "王五" in newcomer.follow().text
    administrator.get("/admin/people?q=王五")
    page = next(given["href"] for _, given in administrator.page.elements if "/admin/people/" in given.get("href", ""))
    assert link not in administrator.get(page).answer.text
    assert [entry.action for entry in audited(engine)][1:3] == ["person.added", "token.issued"]


@pytest.mark.parametrize(
    ("name", "full_name", "status", "told"),
    [
        ("guanli", "", 409, "已有人使用"),
        ("GUANLI", "", 409, "已有人使用"),
        ("x", "", 422, "登录名应为一行"),
        ("", "", 422, "登录名应为一行"),
        ("wang", "五" * 41, 422, "姓名应为一行"),
    ],
)
def test_a_mistake_is_told_in_place_and_nothing_typed_is_lost(
    administrator: Visitor, engine: Engine, name: str, full_name: str, status: int, told: str
) -> None:
    administrator.get("/admin/people").send("/admin/people", status, name=name, full_name=full_name)
    assert told in administrator.text
    assert (administrator.page.value("name"), administrator.page.value("full_name")) == (name, full_name)
    assert audited(engine, "person") == []


def test_search_and_pages(administrator: Visitor, engine: Engine) -> None:
    for number in range(60):
        hire(engine, f"person{number:02}")
    administrator.get("/admin/people")
    assert "第 1–50 条，共 61 条" in administrator.text
    administrator.get(next(given["href"] for _, given in administrator.page.elements if given.get("rel") == "next"))
    assert "第 51–61 条，共 61 条" in administrator.text
    administrator.get("/admin/people?q=PERSON5")
    assert "第 1–10 条，共 10 条" in administrator.text
    assert "没有符合的记录" in administrator.get("/admin/people?q=%25").text
    assert "共 61 条" in administrator.get("/admin/people?q=%00").text


def test_granting_and_withdrawing(administrator: Visitor, visit: Visit, engine: Engine) -> None:
    person = hire(engine, password=GOOD)
    path = f"/admin/people/{person}"
    zhang = visit().post("/sign-in", name="zhangsan", password=GOOD)
    zhang.get("/", 403)
    administrator.get(path).send(f"{path}/roles", role="cadre", cell=COMMUNITY)
    assert administrator.place == f"{path}?done=granted"
    assert "挂点干部 · 社区2" in administrator.follow().text
    zhang.get("/")
    administrator.send(f"{path}/roles", role="department_staff", cell="*", department="fire")
    assert "职能部门人员 · 消防站 · 全部网格" in administrator.follow().text
    for form in [form for form in administrator.page.forms if form.action.endswith("/withdraw")]:
        administrator.get(path).send(form.action)
    assert "还没有角色" in administrator.follow().text
    zhang.get("/", 403)
    granted = [(entry.action, entry.detail["role"]) for entry in audited(engine, "role")]
    assert granted == [
        (f"role.{what}", role) for what in ("granted", "withdrawn") for role in ("cadre", "department_staff")
    ]


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({}, 422, "没有这个角色"),
        ({"role": "emperor"}, 422, "没有这个角色"),
        ({"role": "cadre"}, 422, "请选择网格"),
        ({"role": "cadre", "cell": "1"}, 422, "没有这个编码的网格"),
        ({"role": "auditor", "cell": COMMUNITY}, 422, "不分网格"),
        ({"role": "liaison", "cell": "*"}, 422, "需指明职能部门"),
        ({"role": "cadre", "cell": "*", "department": "fire"}, 422, "不属于职能部门"),
        ({"role": "liaison", "cell": "*", "department": "navy"}, 404, "没有这个职能部门"),
    ],
)
def test_what_cannot_be_granted_is_told_in_place(
    administrator: Visitor, engine: Engine, sent: dict[str, str], status: int, told: str
) -> None:
    path = f"/admin/people/{hire(engine)}"
    assert told in administrator.get(path).send(f"{path}/roles", status, **sent).text
    assert "还没有角色" in administrator.text


@pytest.mark.parametrize("cell", ["*", COMMUNITY])
def test_what_was_chosen_for_a_role_stays_chosen_after_a_mistake(
    administrator: Visitor, engine: Engine, cell: str
) -> None:
    path = f"/admin/people/{hire(engine)}"
    chosen = {"role": "cadre", "cell": cell, "department": "fire"}
    administrator.get(path).send(f"{path}/roles", 422, **chosen)
    form = next(form for form in administrator.page.forms if form.action == f"{path}/roles")
    assert {name: form.filled[name] for name in chosen} == chosen
    administrator.send(f"{path}/roles", department="")
    assert "挂点干部 · " in administrator.follow().text


@pytest.mark.parametrize("role", ["administrator", "auditor"])
@pytest.mark.parametrize("cell", ["", "*"])
def test_a_role_of_no_cell_is_given_without_one(administrator: Visitor, engine: Engine, role: str, cell: str) -> None:
    path = f"/admin/people/{hire(engine)}"
    administrator.get(path).send(f"{path}/roles", role=role, cell=cell)
    with session_scope(engine) as session:
        assert session.scalar(select(Appointment.role).where(Appointment.person_id == 2)) == role


def test_the_last_administrator_stays(administrator: Visitor, engine: Engine) -> None:
    administrator.get("/admin/people/1").send("/admin/people/1/active", 409, is_active="false")
    assert "最后一位系统管理员" in administrator.text
    withdrawal = next(form.action for form in administrator.page.forms if form.action.endswith("/withdraw"))
    assert "最后一位系统管理员" in administrator.send(withdrawal, 409).text
    administrator.get("/admin/people/1")


def test_switching_off_and_on(administrator: Visitor, visit: Visit, engine: Engine) -> None:
    person = hire(engine, password=GOOD)
    path = f"/admin/people/{person}"
    zhang = visit().post("/sign-in", name="zhangsan", password=GOOD)
    administrator.get(path).send(f"{path}/active", is_active="false")
    assert "已停用" in administrator.follow().text
    zhang.get("/me", 303)
    zhang.post("/sign-in", 401, name="zhangsan", password=GOOD)
    assert "已停用" in administrator.send(f"{path}/link", 409).text
    assert "已启用" in administrator.get(path).send(f"{path}/active", is_active="true").follow().text
    zhang.post("/sign-in", name="zhangsan", password=GOOD)


def test_names_and_skills(administrator: Visitor, engine: Engine) -> None:
    path = f"/admin/people/{hire(engine)}"
    skills = "急救\r\n英语、消防,\n急救"
    administrator.get(path).send(path, name="zhang3", full_name="张三", skills=skills)
    assert "已保存" in administrator.follow().text
    form = next(form for form in administrator.page.forms if form.action == path)
    assert form.filled["skills"].split() == sorted(["急救", "英语", "消防"])
    assert form.filled["full_name"] == "张三"
    assert "已有人使用" in administrator.send(path, 409, name="guanli", full_name="张三").text
    administrator.get(path).send(path, 422, skills="x" * 41)
    with session_scope(engine) as session:
        assert session.scalars(select(Person.name).order_by(Person.id)).all() == ["guanli", "zhang3"]
        assert session.scalar(select(Appointment.id).where(Appointment.person_id == 2)) is None


def test_a_new_pin_is_shown_once(administrator: Visitor, engine: Engine) -> None:
    path = f"/admin/people/{hire(engine, pin=PIN)}"
    pin = administrator.get(path).send(f"{path}/pin", 200).page.value("secret")
    assert (len(pin), pin.isdigit(), pin != PIN) == (6, True, True)
    assert pin not in administrator.get(path).text


def test_a_new_link_ends_the_one_before(administrator: Visitor, visit: Visit, engine: Engine) -> None:
    path = f"/admin/people/{hire(engine)}"
    links = [administrator.get(path).send(f"{path}/link", 200).page.value("secret") for _ in range(2)]
    words = [link.partition("#")[2] for link in links]
    visit().post("/enter", 401, words=words[0])
    visit().post("/enter", words=words[1])


def test_nobody_is_there(administrator: Visitor) -> None:
    assert "NoSuchPerson" in administrator.get("/admin/people/999", 404).text
