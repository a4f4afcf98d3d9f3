"""Passwords and PINs: how they are kept, and which are good enough. No database."""

import threading
import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from gisgrid.settings import PasswordProfile
from gisgrid.staff import passwords
from gisgrid.staff.passwords import (
    PROFILES,
    WeakPassword,
    WeakPin,
    check_words,
    hash_words,
    is_outworn,
    require_strong,
    require_unobvious,
)
from tests.staff.builders import GOOD, PIN

PARAMETERS = "$argon2id$v=19$m=19456,t=2,p=1$"


@pytest.fixture(autouse=True)
def _dear(dear_hasher: PasswordHash, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash as the service does."""
    monkeypatch.setattr(passwords, "_hasher", dear_hasher)
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


# --- keeping them --------------------------------------------------------------------------------


def test_the_same_words_are_kept_differently_each_time() -> None:
    one, other = hash_words(GOOD), hash_words(GOOD)
    assert one != other
    assert one.startswith(PARAMETERS)
    assert check_words(GOOD, one) == check_words(GOOD, other) == (True, None)


@pytest.mark.parametrize(
    "words", ["", "correct horse batter", "Correct horse battery", GOOD + "\x00", "\ud800", "x" * 9999]
)
def test_other_words_are_wrong(words: str) -> None:
    assert check_words(words, hash_words(GOOD)) == (False, None)


def test_letters_are_the_same_however_a_keyboard_composes_them() -> None:
    kept = hash_words("Éléphant d’été")
    assert check_words(unicodedata.normalize("NFD", "Éléphant d’été"), kept).is_right
    assert check_words("１８４６２９", hash_words(PIN)).is_right


def test_what_stands_behind_the_longest_password_counts() -> None:
    longest = "ab" * 100
    assert check_words(longest, hash_words(longest)).is_right
    assert not check_words(longest + "c", hash_words(longest)).is_right


def test_a_hash_of_other_parameters_is_renewed_when_the_words_are_right() -> None:
    old = PasswordHash((Argon2Hasher(memory_cost=8192, time_cost=1, parallelism=1),)).hash(GOOD)
    assert check_words("wrong", old) == (False, None)
    is_right, renewed = check_words(GOOD, old)
    assert is_right
    assert renewed is not None
    assert renewed.startswith(PARAMETERS)
    assert check_words(GOOD, renewed) == (True, None)


@pytest.mark.parametrize("words", ["", GOOD, "x" * 9999])
def test_nobody_s_password_takes_as_much_work_and_is_never_right(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    real = passwords._hasher.verify_and_update

    def spied(given: bytes, kept: str) -> tuple[bool, str | None]:
        worked.append(kept)
        return real(given, kept)

    monkeypatch.setattr(passwords._hasher, "verify_and_update", spied)
    assert check_words(words, None) == (False, None)
    assert [kept[: len(PARAMETERS)] for kept in worked] == [PARAMETERS]


def test_two_are_worked_on_at_a_time_and_the_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0
    lock = threading.Lock()

    def slow(_: bytes) -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.02)
        with lock:
            inside -= 1
        return "kept"

    monkeypatch.setattr(passwords._hasher, "hash", slow)
    threads = [threading.Thread(target=hash_words, args=("x",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (inside, most) == (0, 2)


# --- which are good enough -----------------------------------------------------------------------

NAMES = ("zhangsan", "张三", "li", "")

LONG = "至少 12 个字符"
COMMON = "不要用常见口令"
OWN = "不要包含本人姓名"
TOO_LONG = "最多 200 个字符"
SHORT = "至少 8 个字符"
KINDS = "至少三种"


@pytest.mark.parametrize(
    ("password", "asvs", "dengbao2"),
    [
        (GOOD, [], [KINDS]),
        ("tiger eats the apple at night", [], [KINDS]),  # words that are common, among others
        ("我爱吃早上的肠粉和一碗白粥", [], [KINDS]),
        ("xK9#mm20Qwz!", [], []),
        ("Kx9#w2Lp", [LONG], []),
        ("Kx9#w2L", [LONG], [SHORT]),
        ("", [LONG], [SHORT, KINDS]),
        ("ab" * 100, [COMMON], [KINDS, COMMON]),
        ("1a2b3c4d5e6f7g8h9i" * 12, [TOO_LONG], [TOO_LONG, KINDS]),
        ("ﷺ" * 12 + "1a2b", [TOO_LONG], [TOO_LONG]),  # 18 letters each, once written out
        ("Password123456!", [COMMON], [COMMON]),
        ("P@ssw0rd@2026", [COMMON], [COMMON]),
        ("4dm1n1234567", [COMMON], [KINDS, COMMON]),
        ("4dm1n$ecret12", [COMMON], [COMMON]),
        ("woaini1314520", [COMMON], [KINDS, COMMON]),
        ("WOAINI!!!!!!1314520", [COMMON], [COMMON]),
        ("qwertyuiop123", [COMMON], [KINDS, COMMON]),
        ("1qaz2wsx3edc4rfv", [COMMON], [KINDS, COMMON]),
        ("abcdefghijkl", [COMMON], [KINDS, COMMON]),
        ("aaaaaaaaaaaaaaaa", [COMMON], [KINDS, COMMON]),
        ("ababbabaabab", [COMMON], [KINDS, COMMON]),
        ("Kuichong2026Wangge", [COMMON], [COMMON]),
        ("zhangsan is at sea", [OWN], [KINDS, OWN]),
        ("ZHANGSAN is at sea", [OWN], [OWN]),
        ("今天张三出海去打鱼喝了点酒", [OWN], [KINDS, OWN]),
        ("a lively little boat", [], [KINDS]),  # two letters are no name
    ],
)
def test_what_is_wrong_with_a_password_is_told_at_once(password: str, asvs: list[str], dengbao2: list[str]) -> None:
    profiles: dict[PasswordProfile, list[str]] = {"asvs": asvs, "dengbao2": dengbao2}
    for profile, reasons in profiles.items():
        if not reasons:
            require_strong(password, profile, NAMES)
            continue
        with pytest.raises(WeakPassword) as refused:
            require_strong(password, profile, NAMES)
        told = refused.value.zh.partition(":")[2].split(";")
        assert len(told) == len(reasons), told
        assert all(reason in words for reason, words in zip(reasons, told, strict=True)), told
        assert refused.value.en.count(";") == refused.value.zh.count(";")
        assert password not in refused.value.description or not password


@pytest.mark.parametrize(
    ("profile", "age", "outworn"),
    [
        ("asvs", timedelta(days=9999), False),
        ("asvs", None, False),
        ("dengbao2", timedelta(days=89, hours=23), False),
        ("dengbao2", timedelta(days=90), True),
        ("dengbao2", None, True),
    ],
)
def test_when_a_password_has_served_its_time(profile: PasswordProfile, age: timedelta | None, outworn: bool) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert is_outworn(age and now - age, profile, now) is outworn
    assert set(PROFILES) == {"asvs", "dengbao2"}


@pytest.mark.parametrize("pin", [PIN, "908172", "000001", "135791"])
def test_a_pin_that_is_good_enough(pin: str) -> None:
    require_unobvious(pin)


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "18462",
        "1846290",
        "18462a",
        "１８４６２９",
        " 84629",
        "111111",
        "123456",
        "890123",
        "654321",
        "210987",
        "520520",
        "121212",
    ],
)
def test_a_pin_that_somebody_would_try_first_or_that_is_none(pin: str) -> None:
    with pytest.raises(WeakPin, match="6 位数字"):
        require_unobvious(pin)


def test_the_list_of_common_words_is_a_list_of_words() -> None:
    words = passwords._words()
    assert 250 < len(words) < 1000
    assert all(word == word.casefold() and len(word) > 1 for word in words)
