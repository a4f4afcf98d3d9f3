"""The code at a checkpoint: it changes every so many days, follows from a secret, and shows that somebody stood there.

The code of the period before is good for one more day, so that whoever comes before the new one is put up is not turned
away. Pure.
"""

import hmac
import secrets
import unicodedata
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U: nothing that is read as something else."""
LENGTH: Final = 6
ALIKE: Final = str.maketrans("OIL", "011", " -")
GRACE: Final = timedelta(days=1)


class Lock(NamedTuple):
    """What the codes of a checkpoint follow from: a secret in hexadecimal, and for how many days one stands."""

    checkpoint: str
    secret: str
    days: int


class Shown(NamedTuple):
    """A code, and its first and last day; it is good for a day longer."""

    code: str
    first_day: date
    last_day: date


def new_secret() -> str:
    """Return a secret for the codes of a checkpoint."""
    return secrets.token_hex(32)


def code_on(lock: Lock, day: date) -> Shown:
    """Return the code of a local day."""
    period = day.toordinal() // lock.days
    words = f"{lock.checkpoint}|{period}".encode()
    number = int.from_bytes(hmac.digest(bytes.fromhex(lock.secret), words, sha256)[:8])
    code = "".join(LETTERS[number >> 5 * place & 31] for place in range(LENGTH))
    first = date.fromordinal(max(1, period * lock.days))
    return Shown(code, first, first + timedelta(days=lock.days - 1))


def opens(lock: Lock, shown: str, day: date) -> bool:
    """Tell whether what was shown on a local day is the code of that day, or was that of the day before.

    Case, spaces and hyphens do not matter, nor what is easily taken for another letter.
    """
    typed = unicodedata.normalize("NFKC", shown).upper().translate(ALIKE).encode(errors="replace")
    return any(hmac.compare_digest(code_on(lock, each).code.encode(), typed) for each in (day, day - GRACE))
