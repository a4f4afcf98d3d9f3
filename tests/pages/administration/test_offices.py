import pytest
from sqlalchemy import Engine

from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.staff.builders import audited

PATH = "/admin/names"


@pytest.fixture
def administrator(visit: Visit) -> Visitor:
    return visit(("administrator", None))


@pytest.mark.parametrize("path", ["roles/cadre", "departments/fire"])
def test_a_name_is_changed_in_both_languages(administrator: Visitor, visit: Visit, path: str) -> None:
    administrator.get(PATH).send(f"{PATH}/{path}", zh="新名称", en="new name")
    assert "已保存" in administrator.follow().text
    form = next(form for form in administrator.page.forms if form.action == f"{PATH}/{path}")
    assert (form.filled["zh"], form.filled["en"]) == ("新名称", "new name")
    assert "新名称" in visit(("cadre", None), department="fire").get("/me").text


@pytest.mark.parametrize(
    ("path", "sent", "status", "told"),
    [
        ("roles/cadre", {"zh": "", "en": "x"}, 422, "中英文名称各一行"),
        ("roles/cadre", {"zh": "名" * 61, "en": "x"}, 422, "中英文名称各一行"),
        ("departments", {"code": "fire", "zh": "消防", "en": "fire"}, 409, "已在使用"),
        ("departments", {"code": "Fire!", "zh": "消防", "en": "fire"}, 422, "部门编码为"),
    ],
)
def test_what_cannot_be_a_name_is_told_in_place(
    administrator: Visitor, engine: Engine, path: str, sent: dict[str, str], status: int, told: str
) -> None:
    assert told in administrator.get(PATH).send(f"{PATH}/{path}", status, **sent).text
    assert audited(engine, path.partition("/")[0].removesuffix("s")) == []


def test_a_department_is_added(administrator: Visitor) -> None:
    administrator.get(PATH).send(f"{PATH}/departments", code="tourism", zh="旅游办", en="tourism office")
    assert "已添加" in administrator.follow().text
    assert administrator.has_form(f"{PATH}/departments/tourism")


@pytest.mark.parametrize("path", ["roles/emperor", "departments/navy"])
def test_what_is_not_there_has_no_name(administrator: Visitor, path: str) -> None:
    form_token = administrator.get(PATH).form_token
    administrator.post(f"{PATH}/{path}", 404, form_token=form_token, zh="新", en="new")
