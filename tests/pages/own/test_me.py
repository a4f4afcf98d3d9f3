import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.staff.devices import add_key
from gisgrid.staff.people import person_of, set_skills
from gisgrid.staff.sign_in import issue_link
from tests.pages.conftest import Visit
from tests.staff.builders import BETTER, GOOD, PIN, audited, hire


def test_it_says_who_one_is_and_where(visit: Visit, engine: Engine) -> None:
    visitor = visit(("cadre", "440307009002"), ("liaison", None), department="fire", name="lisi", full_name="李四")
    with session_scope(engine, write=True) as session:
        set_skills(session, OPERATOR, person_of(session, 1), ["急救", "英语"])
    text = visitor.get("/me").text
    assert [
        word
        for word in ("李四", "lisi", "挂点干部 · 消防站 · 社区2", "联络员 · 消防站 · 全部网格", "急救、英语")
        if word not in text
    ] == []
    assert "还没有角色" in visit(person=hire(engine)).get("/me").text


@pytest.mark.parametrize(
    ("old", "new", "again", "status", "told"),
    [
        (GOOD, BETTER, BETTER, 303, ""),
        (BETTER, BETTER, BETTER, 422, "原口令不对"),
        (GOOD, BETTER, GOOD, 422, "不一样"),
        (GOOD, "short", "short", 422, "口令不合要求"),
        (GOOD, GOOD, GOOD, 422, "与原口令相同"),
        ("", "", "", 422, "原口令不对"),
    ],
)
def test_changing_the_password(
    visit: Visit, engine: Engine, old: str, new: str, again: str, status: int, told: str
) -> None:
    hire(engine, password=GOOD)
    elsewhere = visit().post("/sign-in", name="zhangsan", password=GOOD)
    visitor = visit().post("/sign-in", name="zhangsan", password=GOOD).get("/me/password")
    visitor.send("/me/password", status, old=old, new=new, again=again)
    if status == 303:
        assert "口令已更改" in visitor.follow().text
        elsewhere.get("/me", 303)
        visit().post("/sign-in", name="zhangsan", password=new)
    else:
        assert told in visitor.text
        elsewhere.get("/me")
    assert not any(words in visitor.answer.text for words in {old, new, again} - {"", "short"})


def test_a_first_password_is_set_and_the_next_one_changed(visit: Visit, engine: Engine) -> None:
    person = hire(engine)
    with session_scope(engine, write=True) as session:
        words = issue_link(session, OPERATOR, person_of(session, person)).words
    visitor = visit().post("/enter", words=words).follow()
    assert "口令已设置" in visitor.send("/me/password", new=GOOD, again=GOOD).follow().text
    visitor.client.cookies.set("gisgrid-language", "en")
    visitor.get("/me/password").send("/me/password", old=GOOD, new=BETTER, again=BETTER)
    assert "The password is changed" in visitor.follow().text


@pytest.mark.parametrize(
    ("pin", "status"), [(PIN, 303), ("123456", 422), ("12345", 422), ("", 422), ("六位数字码!", 422)]
)
def test_setting_the_pin(visit: Visit, engine: Engine, pin: str, status: int) -> None:
    visitor = visit(person=hire(engine)).get("/me").send("/me/pin", status, pin=pin)
    told = visitor.follow().text if status == 303 else visitor.text
    assert ("PIN 码已设置" if status == 303 else "PIN 码为 6 位数字") in told
    assert len(audited(engine, "pin.set")) == (status == 303)


def test_a_key_is_shown_once_works_and_is_revoked(visit: Visit, engine: Engine) -> None:
    visitor = visit(("cadre", None)).get("/me").send("/me/keys", 200, name="报表程序", days="30")
    words = visitor.page.value("secret")
    assert words.startswith("gg_key_")
    program = visit().client
    assert program.get("/api/grid/cells", headers={"Authorization": f"Bearer {words}"}).status_code == 200
    visitor.get("/me")
    assert "报表程序" in visitor.text
    assert words not in visitor.answer.text
    action = next(form.action for form in visitor.page.forms if form.action.endswith("/revoke"))
    assert "密钥已吊销" in visitor.send(action).follow().text
    assert program.get("/api/grid/cells", headers={"Authorization": f"Bearer {words}"}).status_code == 401
    assert not visitor.has_form(action)
    assert [entry.action for entry in audited(engine, "token")] == ["token.issued", "token.revoked"]


@pytest.mark.parametrize("sent", [{"name": "", "days": "30"}, {"name": "x", "days": "0"}, {"name": "x", "days": "x"}])
def test_a_key_needs_a_name_and_days(visit: Visit, sent: dict[str, str]) -> None:
    visit(("cadre", None)).get("/me").send("/me/keys", 422, **sent)


def test_nobody_revokes_anothers_key(visit: Visit, engine: Engine) -> None:
    person = hire(engine)
    with session_scope(engine, write=True) as session:
        key = add_key(session, OPERATOR, person_of(session, person), "x").row.id
    visitor = visit(("administrator", None)).get("/me")
    form_token = visitor.form_token
    assert "没有这个密钥" in visitor.post(f"/me/keys/{key}/revoke", 404, form_token=form_token).text
    visit(person=person).get("/me").send(f"/me/keys/{key}/revoke")


def test_signing_out_everywhere(visit: Visit, engine: Engine) -> None:
    hire(engine, password=GOOD)
    first, second = (visit().post("/sign-in", name="zhangsan", password=GOOD) for _ in range(2))
    assert first.get("/me").send("/me/sign-out").place == "/sign-in"
    assert not {"gisgrid", "gisgrid-browser"} & set(first.client.cookies)
    second.get("/me", 303)
    assert [entry.action for entry in audited(engine, "sign_out")] == ["sign_out.everywhere"]
