"""Phones, screens and keys: their tokens, and the codes that bring them onto a device."""

import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.settings import Settings
from gisgrid.staff.appointments import UnknownCell
from gisgrid.staff.devices import (
    BadDays,
    BadDeviceName,
    KeyForNobody,
    add_board,
    add_device,
    add_key,
    device_url,
    link_url,
    revoke_token,
    tokens_of,
)
from gisgrid.staff.people import person_of, set_active
from gisgrid.staff.qr import qr_png, qr_terminal
from gisgrid.staff.tokens import NoSuchToken, find, issue
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.staff.builders import audited, everything_kept, hire


@pytest.fixture
def ground(engine: Engine) -> Engine:
    """A grid, and somebody: row 1."""
    lay(engine)
    hire(engine)
    return engine


def test_each_is_issued_named_recorded_and_shown_once(ground: Engine) -> None:
    with session_scope(ground, write=True) as session:
        device = add_device(session, OPERATOR, " 分站  手机 ", SUBSTATION)
        boards = [add_board(session, OPERATOR, "大屏", cell) for cell in (COMMUNITY, None)]
        key = add_key(session, OPERATOR, person_of(session, 1), "接口", 30)
    made = [device, *boards, key]
    assert [(token.row.kind, token.row.name, token.row.cell_code, token.row.person_id) for token in made] == [
        ("device", "分站 手机", SUBSTATION, None),
        ("board", "大屏", COMMUNITY, None),
        ("board", "大屏", None, None),
        ("api", "接口", None, 1),
    ]
    prefixes = ["gg_device_", "gg_board_", "gg_board_", "gg_key_"]
    assert all(token.words.startswith(prefix) for token, prefix in zip(made, prefixes, strict=True))
    days = [(token.row.expires_at - datetime.now(UTC)) / timedelta(days=1) for token in made]
    assert [round(each) for each in days] == [90, 365, 365, 30]
    with session_scope(ground) as session:
        found = [find(session, token.words, "device", "board", "api") for token in made]
    assert [token and token.id for token in found] == [token.row.id for token in made]
    issued = [entry for entry in audited(ground) if entry.action == "token.issued"]
    assert [(entry.subject, entry.detail) for entry in issued] == [
        (token.row.id, {"kind": token.row.kind, "cell": token.row.cell_code, "person": token.row.person_id})
        for token in made
    ]
    assert not any(token.words in everything_kept(ground) for token in made)


def test_what_is_refused(ground: Engine) -> None:
    with session_scope(ground, write=True) as session:
        person = person_of(session, 1)
        for name in ("", " ", "a\nb", "x" * 61):
            for add in (
                lambda name=name: add_device(session, OPERATOR, name, STREET),
                lambda name=name: add_board(session, OPERATOR, name),
                lambda name=name: add_key(session, OPERATOR, person, name),
            ):
                with pytest.raises(BadDeviceName):
                    add()
        for cell in ("440307009004", ""):
            with pytest.raises(UnknownCell):
                add_device(session, OPERATOR, "手机", cell)
            with pytest.raises(UnknownCell):
                add_board(session, OPERATOR, "大屏", cell)
        for days in (0, -1, 367, 10**9):
            with pytest.raises(BadDays):
                add_key(session, OPERATOR, person, "接口", days)
            with pytest.raises(BadDays):
                add_device(session, OPERATOR, "手机", STREET, days)
        set_active(session, OPERATOR, person, False)
        with pytest.raises(KeyForNobody):
            add_key(session, OPERATOR, person, "接口")
        assert tokens_of(session, "device", "board", "api") == []


def test_a_revoked_one_lets_nobody_in_and_is_not_listed(ground: Engine) -> None:
    with session_scope(ground, write=True) as session:
        one, other = (add_device(session, OPERATOR, name, STREET) for name in ("一号", "二号"))
        board = add_board(session, OPERATOR, "大屏")
        keys = [add_key(session, OPERATOR, person_of(session, 1), "接口"), issue(session, "api", person_id=None)]
    with session_scope(ground, write=True) as session:
        for number in (board.row.id, 99):
            with pytest.raises(NoSuchToken):
                revoke_token(session, OPERATOR, number, "device")
        revoke_token(session, OPERATOR, one.row.id, "device")
        with pytest.raises(NoSuchToken):
            revoke_token(session, OPERATOR, one.row.id, "device")
    with session_scope(ground) as session:
        assert find(session, one.words, "device") is None
        assert [token.id for token in tokens_of(session, "device", "board")] == [other.row.id, board.row.id]
        assert [token.id for token in tokens_of(session, "api", person_id=1)] == [keys[0].row.id]
    revoked = [entry for entry in audited(ground) if entry.action == "token.revoked"]
    assert revoked == [("token.revoked", "operator", one.row.id, {"kind": "device", "person": None})]


@pytest.mark.parametrize(
    ("settings", "origin"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "::1", "port": 9000}, "http://[::1]:9000"),
        ({"public_url": "https://grid.example.cn"}, "https://grid.example.cn"),
        ({"public_url": "https://grid.example.cn/"}, "https://grid.example.cn"),
    ],
)
def test_words_stand_where_no_server_sees_them(settings: dict[str, object], origin: str) -> None:
    asked = Settings(**settings)  # type: ignore[arg-type]
    assert device_url(asked, "gg_device_x") == f"{origin}/device#gg_device_x"
    assert link_url(asked, "gg_link_x") == f"{origin}/enter#gg_link_x"


ADDRESS = "https://grid.example.cn/device#gg_device_" + "x" * 43


def _squares(png: bytes) -> list[list[bool]]:
    """Return which pixels of a PNG of two colours are dark, row by row."""
    width, height, depth, colours = struct.unpack_from(">IIBB", png, 16)
    assert (png[:8], depth, colours) == (b"\x89PNG\r\n\x1a\n", 1, 0)
    start = png.index(b"IDAT")
    (length,) = struct.unpack_from(">I", png, start - 4)
    packed = zlib.decompress(png[start + 4 : start + 4 + length])
    stride = len(packed) // height
    rows: list[bytes] = []
    for row in range(height):
        how, *line = packed[row * stride : (row + 1) * stride]
        above = rows[-1] if how == 2 else bytes(stride - 1)  # each byte may be what is added to the one above
        rows.append(bytes((byte + under) % 256 for byte, under in zip(line, above, strict=True)))
        assert how in (0, 2)
    return [[not row[column // 8] >> (7 - column % 8) & 1 for column in range(width)] for row in rows]


def test_the_code_in_the_terminal_is_the_code_in_the_picture() -> None:
    halves = {" ": (1, 1), "▀": (0, 1), "▄": (1, 0), "█": (0, 0)}  # light letters on dark
    drawn: list[list[bool]] = []
    for line in qr_terminal(ADDRESS).splitlines():
        drawn += [[bool(halves[mark][half]) for mark in line] for half in (0, 1)]
    dark = _squares(qr_png(ADDRESS, scale=1))
    inner = [row[2:-2] for row in dark[2:-2]]
    assert drawn[: len(inner)] == inner
    assert any(map(any, inner))


def test_a_picture_has_so_many_pixels_a_square() -> None:
    small, large = _squares(qr_png(ADDRESS, scale=1)), _squares(qr_png(ADDRESS))
    assert [row[::6] for row in large[::6]] == small
    assert (len(large), len(large[0])) == (len(small) * 6, len(small) * 6)
    assert qr_png(ADDRESS) != qr_png(ADDRESS + "x")
