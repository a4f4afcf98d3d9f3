"""Passwords and PINs: how they are kept, and which are good enough.

Two profiles. `asvs`, after OWASP ASVS 5: length and no common words, nothing else to remember. `dengbao2`, for offices
that are examined by 等保二级: kinds of characters, and a change every 90 days.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from threading import BoundedSemaphore
from typing import Final, NamedTuple

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from gisgrid.errors import Refused
from gisgrid.settings import PasswordProfile
from gisgrid.staff.names import folded

LONGEST: Final = 200
FEWEST_DIFFERENT: Final = 5
PIN: Final = re.compile(r"[0-9]{6}")
LOOKALIKES: Final = str.maketrans("@013457$!i", "aoleastsll")
KINDS: Final = (str.islower, str.isupper, str.isdigit)
THREE_KINDS: Final = ("大写、小写、数字、符号至少三种", "three of: capitals, small letters, digits, other signs")

_hasher: Final = PasswordHash((Argon2Hasher(memory_cost=19456, time_cost=2, parallelism=1),))
_room: Final = BoundedSemaphore(2)
"""Each takes 19 MiB and all of a core: with more at a time the rest of the service would stand still."""


class WeakPassword(Refused):
    """A password that somebody would guess, or that the office's rules do not allow."""


class WeakPin(Refused):
    """A PIN that is not six digits, or is the first that somebody would try."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is asked of a password: characters at least, kinds of them, and how long it may serve."""

    least: int
    kinds: int = 0
    life: timedelta | None = None


PROFILES: Final[dict[PasswordProfile, Profile]] = {
    "asvs": Profile(12),
    "dengbao2": Profile(8, kinds=3, life=timedelta(days=90)),
}


class Checked(NamedTuple):
    """Whether words are the right ones; if so, a new hash where the kept one is of other parameters."""

    is_right: bool
    renewed: str | None = None


# --- keeping them --------------------------------------------------------------------------------


def hash_words(words: str) -> str:
    """Return what is kept of a password or PIN. Waits while two others are being worked on."""
    with _room:
        return _hasher.hash(_plain(words))


def check_words(words: str, kept: str | None) -> Checked:
    """Compare words with what is kept of them; where nothing is, it takes as long. Waits as `hash_words` does."""
    nobody = _nobodys_hash()
    with _room:
        is_right, renewed = _hasher.verify_and_update(_plain(words), kept or nobody)
    return Checked(True, renewed) if is_right and kept is not None and len(words) <= LONGEST else Checked(False)


@cache
def _nobodys_hash() -> str:
    return hash_words("")


def _plain(words: str) -> bytes:
    # the same letters come composed from one keyboard and decomposed from another
    return unicodedata.normalize("NFKC", words[:LONGEST]).encode("utf-8", "surrogatepass")


# --- which are good enough -----------------------------------------------------------------------


def require_strong(password: str, profile: PasswordProfile, names: Iterable[str]) -> None:
    """Check a new password; `names` are its owner's, which it must not hold. Raises WeakPassword with all reasons."""
    asked = PROFILES[profile]
    plain = unicodedata.normalize("NFKC", password)
    is_long = len(plain) >= asked.least
    tests = (
        (is_long, f"至少 {asked.least} 个字符", f"at least {asked.least} characters"),
        (max(len(plain), len(password)) <= LONGEST, f"最多 {LONGEST} 个字符", f"at most {LONGEST} characters"),
        (_kinds(plain) >= asked.kinds, *THREE_KINDS),
        (not (is_long and _is_common(plain, asked.least // 2)), "不要用常见口令", "no common password, no row of keys"),
        (not _holds(plain, names), "不要包含本人姓名", "not your own name"),
    )
    faults = [(zh, en) for is_met, zh, en in tests if not is_met]
    if faults:
        raise WeakPassword(
            "口令不合要求:" + ";".join(zh for zh, _ in faults),
            "the password is not good enough: " + "; ".join(en for _, en in faults),
        )


def _kinds(plain: str) -> int:
    return len({next((kind for kind in KINDS if kind(mark)), None) for mark in plain})


def _is_common(plain: str, least: int) -> bool:
    """Tell whether hardly anything is left of a password without common words, years and repeated characters."""
    key = folded(plain)
    as_they_look = key.translate(LOOKALIKES)
    left = min(len(_common().sub("", key)), len(_common_looks().sub("", as_they_look)))
    return left < least or len(set(key)) < FEWEST_DIFFERENT


@cache
def _common() -> re.Pattern[str]:
    return _any_of(_words(), r"(?:19|20)\d\d")


@cache
def _common_looks() -> re.Pattern[str]:
    return _any_of({word.translate(LOOKALIKES) for word in _words()})


def _any_of(words: Iterable[str], *more: str) -> re.Pattern[str]:
    """Return what matches the longest of some words, or a character that is repeated."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, longest_first), *more, r"(.)\1{2,}"]))


@cache
def _words() -> frozenset[str]:
    text = files("gisgrid.staff").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def _holds(plain: str, names: Iterable[str]) -> bool:
    """Tell whether a password holds a name; two plain letters are no name, they stand in many words."""
    keys = [folded(name) for name in names]
    return any(key in folded(plain) for key in keys if len(key) > 2 or (key and not key.isascii()))


def is_outworn(set_at: datetime | None, profile: PasswordProfile, now: datetime) -> bool:
    """Tell whether a password has served its time."""
    life = PROFILES[profile].life
    return life is not None and (set_at is None or now - set_at >= life)


def require_unobvious(pin: str) -> None:
    """Check a new PIN. Raises WeakPin."""
    if not PIN.fullmatch(pin) or pin in _words() or _is_row(pin):
        raise WeakPin(
            "PIN 码为 6 位数字,不要用相同、连续或常见的数字",
            "a PIN is 6 digits, not all the same, not in a row and not a common one",
        )


def _is_row(pin: str) -> bool:
    """Tell whether each digit is the same as the one before, or the next up, or the next down."""
    return {(int(after) - int(before)) % 10 for before, after in pairwise(pin)} in ({0}, {1}, {9})
