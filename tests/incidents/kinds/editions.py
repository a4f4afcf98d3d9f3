"""Editions of the kinds for tests: two tables as an office might write them, and any edition there can be."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.incidents.kinds.brought import Brought, Tables, bring_edition
from gisgrid.incidents.kinds.columns import CLOCKS, CONFIDENTIALITY, COUNTS, UNITS
from gisgrid.incidents.kinds.edition import Condition, Edition, Kind
from gisgrid.settings import Settings

KIND_HEADS = [
    "code",
    "class_zh",
    "class_en",
    "name_zh",
    "name_en",
    "confidentiality",
    "default_department",
    "needs_photo",
    "needs_within_m",
    "needs_document",
    "counted_as",
    "is_emergency",
    "is_patrolled",
]
CONDITION_HEADS = ["kind", "code", "name_zh", "name_en", "limit", "unit", "clock"]
ZONE = Settings().zone


def a_kind(code: str = "E0102", **changes: str) -> list[str]:
    """Return a row of the table of kinds."""
    names = {"class_zh": "市容", "class_en": "city", "name_zh": "垃圾", "name_en": "rubbish"}
    given = {"code": code, **names, **changes}
    return [given.get(head, "") for head in KIND_HEADS]


def a_condition(kind: str = "E0102", **changes: str) -> list[str]:
    """Return a row of the table of conditions."""
    given = {"kind": kind, "code": "1", "name_zh": "一般", "name_en": "ordinary"}
    given |= {"limit": "4", "unit": "hours", "clock": "normal", **changes}
    return [given[head] for head in CONDITION_HEADS]


def tables(*names: str) -> Tables:
    """Return an edition with the class 新 and a kind for each Chinese name: N0101, N0102…"""
    codes = [f"N01{number:02}" for number in range(1, len(names) + 1)]
    new = {"class_zh": "新", "class_en": "new"}
    rows = [a_kind(code, name_zh=name, name_en=f"new {code}", **new) for code, name in zip(codes, names, strict=True)]
    return Tables([KIND_HEADS, *rows], [CONDITION_HEADS, *map(a_condition, codes)])


def bring(engine: Engine, given: Tables, first_day: date) -> Brought:
    """Bring an edition as whoever is at the command line."""
    with session_scope(engine, write=True) as session:
        return bring_edition(session, OPERATOR, ZONE, given, first_day)


# --- any edition ---------------------------------------------------------------------------------

LETTERS = "甲乙号aB17 \u3000＝'=+-@;,\"<>&_é😀"
NAMES = st.text(st.sampled_from(LETTERS), min_size=1, max_size=12).map(str.strip).filter(bool)


def _conditions() -> st.SearchStrategy[tuple[Condition, ...]]:
    limits = st.integers(1, 999_999).map(lambda hundredths: (Decimal(hundredths) / 100).normalize())
    made = st.builds(
        Condition,
        st.from_regex(r"[A-Za-z0-9]{1,4}", fullmatch=True),
        NAMES,
        NAMES,
        limits,
        st.sampled_from(list(UNITS)),
        st.sampled_from(list(CLOCKS)),
    )
    return st.lists(made, min_size=1, max_size=3, unique_by=lambda each: each.code).map(tuple)


def _kinds() -> st.SearchStrategy[Kind]:
    return st.builds(
        lambda number, **others: Kind(f"E{number:04}", f"类{number // 100}", f"class {number // 100}", **others),
        st.integers(0, 9999),
        name_zh=NAMES,
        name_en=NAMES,
        confidentiality=st.sampled_from(list(CONFIDENTIALITY)),
        default_department=st.sampled_from(["", "water", "police"]),
        needs_photo=st.booleans(),
        needs_within_m=st.none() | st.integers(1, 99_999),
        needs_document=st.booleans(),
        counted_as=st.sampled_from(list(COUNTS)),
        is_emergency=st.booleans(),
        is_patrolled=st.booleans(),
        conditions=_conditions(),
    )


def editions() -> st.SearchStrategy[Edition]:
    """Return any edition."""
    days = st.integers(0, 3000).map(lambda days: date(2026, 1, 1) + timedelta(days))
    several = st.lists(_kinds(), min_size=1, max_size=4, unique_by=lambda kind: kind.code)
    return st.builds(lambda day, kinds: Edition(day, {kind.code: kind for kind in kinds}), days, several)
