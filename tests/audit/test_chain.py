import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from gisgrid.audit.chain import FIELDS, START, canonical, hash_of, in_utc
from tests.audit.builders import DAWN, chain

ENTRY: dict[str, Any] = {
    "number": 1,
    "at": "2026-11-01T06:00:00.000005+00:00",
    "actor": "person",
    "actor_id": 7,
    "action": "sign_in",
    "subject": None,
    "subject_id": None,
    "detail": '{"way":"password"}',
    "previous_hash": START,
}


def test_the_hash_is_that_of_the_text_that_the_docstring_promises() -> None:
    told = (
        '{"action":"sign_in","actor":"person","actor_id":7,"at":"2026-11-01T06:00:00.000005+00:00",'
        '"detail":"{\\"way\\":\\"password\\"}","number":1,'
        f'"previous_hash":"{"0" * 64}","subject":null,"subject_id":null}}'
    )
    assert hash_of(ENTRY) == hashlib.sha256(told.encode()).hexdigest()


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_counts(field: str) -> None:
    assert hash_of({**ENTRY, field: "other"}) != hash_of(ENTRY)


def test_the_stored_hash_itself_does_not_count() -> None:
    (entry,) = chain(1)
    assert hash_of({**entry, "hash": "x"}) == entry["hash"]


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (DAWN, "2026-11-01T06:00:00.000005+00:00"),
        (DAWN.replace(microsecond=0), "2026-11-01T06:00:00.000000+00:00"),
        (datetime(2026, 11, 1, 14, tzinfo=timezone(timedelta(hours=8))), "2026-11-01T06:00:00.000000+00:00"),
    ],
)
def test_times_are_written_in_utc_to_the_microsecond(moment: datetime, written: str) -> None:
    assert in_utc(moment) == written


def test_an_object_is_written_in_one_form_only() -> None:
    assert canonical({"b": [1, 2.5, None, True], "a": "街道\x00\ud800"}) == (
        '{"a":"\\u8857\\u9053\\u0000\\ud800","b":[1,2.5,null,true]}'
    )
