"""What notices look like on their way."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.notices.letters import WECOM_BYTES, Letter, mail, plain, signature, sms, wecom

AT = datetime(2026, 11, 1, tzinfo=UTC)
LINK = "https://grid.example.cn/publications"


def letter(subject: str = "发布:台风", words: str = "葵涌社区", link: str = LINK) -> Letter:
    return Letter("ab12", "publication", subject, words, "Published", "Kuichong", link, ("publication", 3), AT)


def test_plain_says_everything() -> None:
    assert json.loads(plain(letter()).content) == {
        "id": "ab12",
        "topic": "publication",
        "subject": {"zh": "发布:台风", "en": "Published"},
        "words": {"zh": "葵涌社区", "en": "Kuichong"},
        "link": LINK,
        "about": {"kind": "publication", "id": 3},
        "made_at": "2026-11-01T00:00:00+00:00",
    }
    assert json.loads(plain(letter(link="")._replace(about=None)).content)["link"] is None


def content(of: Letter) -> str:
    sent = json.loads(wecom(of).content)
    assert (set(sent), sent["msgtype"]) == ({"msgtype", "markdown"}, "markdown")
    return str(sent["markdown"]["content"])


def test_a_group_robot_is_sent_markdown_in_which_nothing_that_was_typed_is_a_mark() -> None:
    assert content(letter()) == f"**发布:台风**\n葵涌社区\nPublished\nKuichong\n[打开 / open]({LINK})"
    hostile = content(letter("[点我](http://evil.example)<@all>*`"))
    assert hostile.startswith("**［点我］(http://evil.example)＜@all＞＊｀**\n")


@given(words=st.text(max_size=3000), subject=st.text(max_size=100))
def test_a_group_robot_is_never_sent_more_than_it_takes_and_always_the_link(words: str, subject: str) -> None:
    words, subject = (each.encode("utf-8", "ignore").decode() for each in (words * 3, subject))
    said = content(letter(subject, words))
    assert len(said.encode()) <= WECOM_BYTES
    assert said.endswith(f"\n[打开 / open]({LINK})")


JSON_BODY = '{"mobile": "{phone}", "content": "{words}"}'


@given(words=st.text(max_size=100))
def test_a_gateway_gets_what_was_said_and_nothing_else_in_either_form(words: str) -> None:
    words = words.encode("utf-8", "ignore").decode() + '"{phone}&x=1'
    said = f"发布:台风 {words} {LINK}"
    as_json = sms(letter(words=words), JSON_BODY, "13800000001")
    assert json.loads(as_json.content) == {"mobile": "13800000001", "content": said}
    as_form = sms(letter(words=words), "mobile={phone}&content={words}&sign=1", "+8613800000001")
    assert as_form.kind == "application/x-www-form-urlencoded"
    assert parse_qs(as_form.content.decode(), keep_blank_values=True) == {
        "mobile": ["+8613800000001"], "content": [said], "sign": ["1"],
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{}", "汉".encode()])
def test_the_signature_is_one_that_anybody_with_the_secret_can_check(body: bytes) -> None:
    expected = hmac.new(b"s", b"1700000000." + body, hashlib.sha256).hexdigest()
    assert signature("s", "1700000000", body) == f"sha256={expected}"


def test_a_mail_in_both_languages() -> None:
    made = mail(letter(), "grid@example.cn", "duty@example.cn")
    assert made["Subject"] == "发布:台风 / Published"
    assert made["Message-ID"] == "<ab12@example.cn>"
    assert made.get_content().split() == ["葵涌社区", "Kuichong", LINK]
    assert made.as_bytes().isascii()
