"""How entries hang together: what the hash of one is taken of. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

START = "0" * 64
"""What the first entry has for the hash of the one before."""
FIELDS = ("number", "at", "actor", "actor_id", "action", "subject", "subject_id", "detail", "previous_hash")

canonical = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":")).encode
"""Write JSON in one form only: keys in order, no blanks, and ASCII, which every database stores as it is."""


def hash_of(entry: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical JSON object of an entry's FIELDS.

    `at` is text in UTC to the microsecond, 2026-11-01T00:00:00.000000+00:00; `detail` is the JSON as it is stored, a
    text like any other. Through `previous_hash` it speaks for all entries before. Raises TypeError, ValueError for
    values that are not those of an entry.
    """
    return sha256(canonical({name: entry[name] for name in FIELDS}).encode()).hexdigest()


def in_utc(moment: datetime) -> str:
    """Write a time as it is hashed."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
