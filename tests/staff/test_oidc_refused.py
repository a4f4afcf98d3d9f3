"""Coming back from an office's own provider, and not being let in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.errors import status_of
from gisgrid.staff import provider as ours
from gisgrid.staff.oidc import NoAccountHere, Redirect, finish
from gisgrid.staff.people import person_of, set_active
from gisgrid.staff.provider import OidcRefused, OidcUnavailable
from gisgrid.staff.tables import Person
from gisgrid.staff.throttle import MANY, WINDOW, TooManyFailures
from gisgrid.staff.tokens import hashed, issue
from tests.staff.builders import at_once, audited, hire, names, pass_time
from tests.staff.office import HERE, Office
from tests.staff.provider import Provider, code_of

OTHER_KEY = RSAKey.generate_key(2048, {"kid": "rsa"})
FAILED = {"by": "oidc", "address": HERE}


def unknown(office: Office) -> int | None:
    office.provider.claims["preferred_username"] = "nobody"
    return None


def nameless(office: Office) -> int | None:
    office.provider.claims["preferred_username"] = None
    return None


def switched_off(office: Office) -> int:
    return _switch_off(office, hire(office.engine, "zhang"))


def linked_and_switched_off(office: Office) -> int:
    zhang = hire(office.engine, "zhang")
    office.come_in()
    _switch_off(office, zhang)
    # the name is free for another now, and stays so
    with session_scope(office.engine, write=True) as session:
        person_of(session, zhang).name = "zhang-before"
    hire(office.engine, "zhang")
    return zhang


def linked_to_another(office: Office) -> int:
    zhang = hire(office.engine, "zhang")
    office.come_in()
    office.provider.subject = "u-2"
    return zhang


def of_another_issuer(office: Office) -> int:
    zhang = hire(office.engine, "zhang")
    with session_scope(office.engine, write=True) as session:
        person_of(session, zhang).oidc_subject = "https://another.example u-1"
    return zhang


def _switch_off(office: Office, person_id: int) -> int:
    with session_scope(office.engine, write=True) as session:
        set_active(session, OPERATOR, person_of(session, person_id), is_active=False)
    return person_id


@pytest.mark.parametrize(
    ("somebody", "why"),
    [
        (unknown, "unknown"),
        (nameless, "unknown"),
        (switched_off, "switched off"),
        (linked_and_switched_off, "switched off"),
        (linked_to_another, "another sub"),
        (of_another_issuer, "another sub"),
    ],
)
def test_who_has_no_account_is_told_to_ask_for_one_and_recorded(
    office: Office, somebody: Callable[[Office], int | None], why: str
) -> None:
    whose = somebody(office)
    with session_scope(office.engine) as session:
        before = [(person.id, person.oidc_subject) for person in session.scalars(select(Person).order_by(Person.id))]
    with pytest.raises(NoAccountHere, match="请联系管理员开通") as refusal:
        office.come_in()
    assert "ask the administrator" in refusal.value.en
    assert status_of(refusal.value) == 401
    assert audited(office.engine)[-1] == ("sign_in.failed", "program", whose, {**FAILED, "why": why})
    with session_scope(office.engine) as session:
        after = [(person.id, person.oidc_subject) for person in session.scalars(select(Person).order_by(Person.id))]
    assert after == before


# --- what does not hold ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda provider: provider.claims.update(nonce="another"), "InvalidClaimError"),
        (lambda provider: provider.claims.update(aud="another"), "InvalidClaimError"),
        (lambda provider: provider.claims.update(iss="https://another.example"), "InvalidClaimError"),
        (lambda provider: provider.claims.update(exp=1), "ExpiredTokenError"),
        (lambda provider: provider.sign_by_hand("none", lambda _: b""), "UnsupportedAlgorithmError"),
        (lambda provider: setattr(provider, "key", OTHER_KEY), "BadSignatureError"),
        (lambda provider: setattr(provider, "client_secret", "changed"), "invalid_client"),
    ],
)
def test_a_provider_that_says_wrong_lets_nobody_in(office: Office, spoil: Callable[[Provider], None], why: str) -> None:
    zhang = hire(office.engine, "zhang")
    spoil(office.provider)
    with pytest.raises(OidcRefused, match="统一身份认证未能确认"):
        office.come_in()
    assert audited(office.engine)[-1] == ("sign_in.failed", "program", None, {**FAILED, "why": why})
    assert office.subject_of(zhang) is None


def test_a_provider_too_slow_is_nobodys_failure(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    hire(office.engine, "zhang")
    way = office.begin()
    state, code = code_of(way.url)
    office.provider.delay_s = 0.6
    with monkeypatch.context() as patch:
        patch.setattr(ours, "PATIENCE_S", 0.2)
        with pytest.raises(OidcUnavailable) as failure:
            finish(office.engine, office.settings, state=state, code=code, cookie=way.cookie, address=HERE)
    assert status_of(failure.value) == 503
    assert audited(office.engine, "sign_in") == []
    office.provider.delay_s = 0
    office.come_in()


def spent(office: Office, way: Redirect) -> dict[str, Any]:
    office.finish(way)
    return {}


def late(office: Office, _: Redirect) -> dict[str, Any]:
    pass_time(office.engine, timedelta(minutes=11))
    return {}


def of_another_kind(office: Office, way: Redirect) -> dict[str, Any]:
    with session_scope(office.engine, write=True) as session:
        link = issue(session, "link")
        link.row.form_token = hashed(way.cookie)
    return {"state": link.words}


@pytest.mark.parametrize(
    "given",
    [
        spent,
        late,
        of_another_kind,
        lambda *_: {"cookie": None},
        lambda office, _: {"cookie": office.begin().cookie},
        lambda office, _: {"state": code_of(office.begin().url)[0]},
        lambda *_: {"state": "\ud800\0", "cookie": "\ud800\0"},
    ],
)
def test_only_the_browser_that_began_finishes_once_and_in_time(
    office: Office, given: Callable[[Office, Redirect], dict[str, Any]]
) -> None:
    hire(office.engine, "zhang")
    way = office.begin()
    state, code = code_of(way.url)
    changes = given(office, way)
    before, asked = audited(office.engine), len(office.provider.asked)
    with pytest.raises(OidcRefused, match="请重新登录"):
        finish(
            office.engine,
            office.settings,
            **{"state": state, "code": code, "cookie": way.cookie, "address": HERE, **changes},
        )
    # what anybody can send costs neither an entry nor a question to the provider
    assert (audited(office.engine), len(office.provider.asked)) == (before, asked)


@pytest.mark.parametrize("code", ["", "nonsense", "\ud800"])
def test_a_code_that_is_none_is_refused(office: Office, code: str) -> None:
    hire(office.engine, "zhang")
    with pytest.raises(OidcRefused):
        office.come_in(code=code)


def test_of_two_who_finish_with_the_same_state_one_comes_in(office: Office) -> None:
    hire(office.engine, "zhang")
    way = office.begin()
    state, code = code_of(way.url)
    given = {"state": state, "code": code, "cookie": way.cookie, "address": HERE}
    answers = at_once(lambda _: finish(office.engine, office.settings, **given), 4)
    assert names(answers) == ["OidcRefused"] * 3
    assert len(audited(office.engine, "sign_in")) == 1


def test_whoever_fails_again_and_again_is_looked_at_no_more_for_a_while(office: Office) -> None:
    zhang = hire(office.engine, "zhang")
    way = office.begin()
    for _ in range(MANY):
        failing = office.begin()
        state = dict(parse_qsl(urlsplit(failing.url).query))["state"]
        with pytest.raises(OidcRefused):
            finish(office.engine, office.settings, state=state, code="", cookie=failing.cookie, address=HERE)
    with pytest.raises(TooManyFailures):
        office.finish(way)
    assert "/token" not in office.provider.asked
    assert office.finish(way, address="10.9.9.9")[0].person_id == zhang
    pass_time(office.engine, WINDOW)
    assert office.come_in().person_id == zhang
