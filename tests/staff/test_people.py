"""People: their names, whether they may come in, what they can do besides."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.parameters import Page
from gisgrid.staff.appointments import LastAdministrator, grant
from gisgrid.staff.people import (
    BadName,
    BadPhone,
    BadSkills,
    NameTaken,
    NoSuchPerson,
    add_person,
    people_page,
    person_called,
    person_of,
    rename,
    set_active,
    set_phone,
    set_skills,
)
from gisgrid.staff.tables import Person
from gisgrid.staff.tokens import Kind, find, issue
from tests.staff.builders import at_once, audited, everything_kept, hire, meanwhile, names


def test_a_new_person_has_no_password_and_no_role(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        made = add_person(session, OPERATOR, " Zhang  San ", "张三")
    with session_scope(engine) as session:
        kept = person_called(session, "zhang san")
        assert (kept.id, kept.name, kept.full_name) == (made.id, "Zhang San", "张三")
        assert (kept.is_active, kept.is_demonstration, kept.password_hash, kept.pin_hash) == (True, False, None, None)
        assert people_page(session, Page(10, 0)) == (1, [(kept, (), ())])
    assert audited(engine) == [("person.added", "operator", made.id, {})]


def test_a_name_that_is_none_is_refused_for_each_of_the_two(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        for name in ("x", "", "长" * 41, "a\nb", "a\u200bb", "a\x00b", "a\ud800b"):
            with pytest.raises(BadName, match="登录名"):
                add_person(session, OPERATOR, name)
            if len(name) > 1:  # a full name may be short, or missing
                with pytest.raises(BadName, match="姓名"):
                    add_person(session, OPERATOR, "zhangsan", name)


def test_a_name_is_one_person_s_in_whatever_case(engine: Engine) -> None:
    hire(engine, "Zhangsan")
    with session_scope(engine, write=True) as session:
        other = add_person(session, OPERATOR, "lisi")
        for name in ("Zhangsan", "ZHANGSAN", "ｚｈａｎｇｓａｎ", " zhangsan "):
            with pytest.raises(NameTaken):
                add_person(session, OPERATOR, name)
            with pytest.raises(NameTaken):
                rename(session, OPERATOR, other, name, "")
            assert person_called(session, name).name == "Zhangsan"
        set_skills(session, OPERATOR, other, ["调解"])  # the session goes on
    with session_scope(engine) as session:
        assert session.scalars(select(Person.name).order_by(Person.id)).all() == ["Zhangsan", "lisi"]
    assert len(audited(engine, "person.added")) == 2


def test_of_many_who_take_a_name_at_the_same_moment_one_has_it(engine: Engine) -> None:
    answers = at_once(lambda _: hire(engine, "lisi"), 6)
    assert names(answers) == ["NameTaken"] * 5


def test_nobody_of_that_name_is_told_with_what_to_do(engine: Engine) -> None:
    hire(engine)
    with session_scope(engine) as session:
        for name in ("lisi", "x", "", "a\x00b", "\ud800"):
            with pytest.raises(NoSuchPerson, match="gisgrid staff list"):
                person_called(session, name)


def test_a_person_of_a_row(engine: Engine) -> None:
    number = hire(engine)
    with session_scope(engine) as session:
        assert person_of(session, number).name == "zhangsan"
        with pytest.raises(NoSuchPerson):
            person_of(session, number + 1)


def test_a_renamed_person_signs_in_by_the_new_name(engine: Engine) -> None:
    number = hire(engine)
    with session_scope(engine, write=True) as session:
        rename(session, OPERATOR, person_of(session, number), "ZhangSan", "张三")
        rename(session, OPERATOR, person_of(session, number), "ZhangSan", "张三")
    with session_scope(engine, write=True) as session:
        rename(session, OPERATOR, person_of(session, number), "老张", "张三")
    with session_scope(engine) as session:
        assert person_called(session, "老张").id == number
        with pytest.raises(NoSuchPerson):
            person_called(session, "zhangsan")
    assert audited(engine, "person.renamed") == [("person.renamed", "operator", number, {})] * 2


KINDS: tuple[Kind, ...] = ("session", "browser", "link", "api")


def test_whoever_is_switched_off_has_no_token_left(engine: Engine) -> None:
    one, other = hire(engine), hire(engine, "lisi")
    with session_scope(engine, write=True) as session:
        words = {(who, kind): issue(session, kind, person_id=who).words for who in (one, other) for kind in KINDS}
        for _ in range(2):
            set_active(session, OPERATOR, person_of(session, one), False)
    with session_scope(engine) as session:
        assert {who for (who, kind), shown in words.items() if find(session, shown, kind)} == {other}
        assert not person_of(session, one).is_active
    with session_scope(engine, write=True) as session:
        set_active(session, OPERATOR, person_of(session, one), True)
    with session_scope(engine) as session:
        assert person_of(session, one).is_active
        assert find(session, words[one, "api"], "api") is None
    assert [entry[:3] for entry in audited(engine)[2:]] == [
        ("person.deactivated", "operator", one),
        ("person.activated", "operator", one),
    ]


def test_the_last_administrator_stays(engine: Engine) -> None:
    one, other, third = (hire(engine, name) for name in ("zhangsan", "lisi", "wangwu"))
    with session_scope(engine, write=True) as session:
        for number in (one, other):
            grant(session, OPERATOR, person_of(session, number), "administrator")
        set_active(session, OPERATOR, person_of(session, other), False)
        set_active(session, OPERATOR, person_of(session, third), False)
        with pytest.raises(LastAdministrator, match="最后一位"):
            set_active(session, OPERATOR, person_of(session, one), False)
        set_active(session, OPERATOR, person_of(session, other), True)
        set_active(session, OPERATOR, person_of(session, one), False)
    with session_scope(engine) as session:
        assert [person_of(session, number).is_active for number in (one, other, third)] == [False, True, False]


def test_two_administrators_who_switch_each_other_off_at_the_same_moment(engine: Engine) -> None:
    both = [hire(engine, name) for name in ("zhangsan", "lisi")]
    with session_scope(engine, write=True) as session:
        for number in both:
            grant(session, OPERATOR, person_of(session, number), "administrator")

    def switch_off(session: Session, number: int) -> None:
        set_active(session, OPERATOR, person_of(session, number), False)

    with pytest.raises(LastAdministrator):
        meanwhile(engine, *(lambda session, each=each: switch_off(session, each) for each in both))


def test_skills_replace_those_there_were(engine: Engine) -> None:
    number = hire(engine)
    good = {("急救", "调解 ", "调解"): ("急救", "调解"), ("ＣＰＲ",): ("CPR",), (): ()}
    bad = (["急救", ""], ["急\n救"], [f"tag {each}" for each in range(21)])
    with session_scope(engine, write=True) as session:
        person = person_of(session, number)
        for tags, kept in good.items():
            for _ in range(2):
                set_skills(session, OPERATOR, person, tags)
            assert people_page(session, Page(10, 0))[1][0].skills == kept
        set_skills(session, OPERATOR, person, ["开船"])
        for tags_refused in bad:
            with pytest.raises(BadSkills):
                set_skills(session, OPERATOR, person, tags_refused)
        assert people_page(session, Page(10, 0))[1][0].skills == ("开船",)
    assert len(audited(engine, "person.skills")) == 4


PAGES = {
    (Page(10, 0), ""): (4, ["100%", "Lisi", "wangwu", "zhangsan"]),
    (Page(2, 0), ""): (4, ["100%", "Lisi"]),
    (Page(2, 3), ""): (4, ["zhangsan"]),
    (Page(10, 9), ""): (4, []),
    (Page(10, 0), "LIS"): (1, ["Lisi"]),
    (Page(10, 0), "ang"): (2, ["wangwu", "zhangsan"]),
    (Page(1, 1), "ang"): (2, ["zhangsan"]),
    (Page(10, 0), "李"): (1, ["Lisi"]),
    (Page(10, 0), "急救"): (1, ["wangwu"]),
    (Page(10, 0), "%"): (1, ["100%"]),
    (Page(10, 0), "_"): (0, []),
    (Page(10, 0), "nobody"): (0, []),
}


def test_pages_of_people_by_name(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        for name, full_name in (("zhangsan", "张三"), ("Lisi", "李四"), ("wangwu", "王五"), ("100%", "")):
            add_person(session, OPERATOR, name, full_name)
        set_skills(session, OPERATOR, person_called(session, "wangwu"), ["急救", "急救员"])
        grant(session, OPERATOR, person_called(session, "lisi"), "street_leader")
        grant(session, OPERATOR, person_called(session, "lisi"), "cadre")
    with session_scope(engine) as session:
        pages = {asked: people_page(session, *asked) for asked in PAGES}
    assert {asked: (count, [each.person.name for each in found]) for asked, (count, found) in pages.items()} == PAGES
    whole = pages[Page(10, 0), ""][1]
    roles = {each.person.name: [role.role for role in each.roles] for each in whole if each.roles}
    skills = {each.person.name: each.skills for each in whole if each.skills}
    assert (roles, skills) == ({"Lisi": ["street_leader", "cadre"]}, {"wangwu": ("急救", "急救员")})


def test_the_audit_names_nobody(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        person = add_person(session, OPERATOR, "canary bird", "金丝雀")
        grant(session, OPERATOR, person, "cadre")
        rename(session, OPERATOR, person, "canary", "金丝雀")
        set_skills(session, OPERATOR, person, ["canary", "金丝雀"])
        set_active(session, OPERATOR, person, False)
    entries = audited(engine)
    assert (len(entries), {entry.subject for entry in entries}) == (5, {person.id})
    assert "canary" in everything_kept(engine)
    assert not any(name in str(entries) for name in ("canary", "金丝雀"))


@pytest.mark.parametrize("number", ["110", "13800138000", "0755-8420 0110", "+86 (755) 84200110"])
def test_a_phone_number_is_set_once_and_taken_away(engine: Engine, number: str) -> None:
    hire(engine)
    with session_scope(engine, write=True) as session:
        person = person_called(session, "zhangsan")
        for wanted in (number, f" {number} ", "", ""):
            set_phone(session, OPERATOR, person, wanted)
            assert person.phone == (wanted.strip() or None)
    assert [entry.detail for entry in audited(engine, "person.phone")] == [{}, {}]  # the number is not in it


@pytest.mark.parametrize("number", ["1", "call me", "1" * 21, "110\n", "<110>"])
def test_what_can_be_no_phone_number_is_told(engine: Engine, number: str) -> None:
    hire(engine)
    with session_scope(engine, write=True) as session, pytest.raises(BadPhone):
        set_phone(session, OPERATOR, person_called(session, "zhangsan"), number)
