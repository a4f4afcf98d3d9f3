from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.attachments.document import Document, DocumentTooLarge, NotADocument
from gisgrid.attachments.photo import NotAPhoto, Photo, PhotoTooLarge
from gisgrid.attachments.store import (
    ATTACHMENT,
    Fetched,
    Kept,
    NoSuchAttachment,
    fetch,
    keep,
    taken_in,
)
from gisgrid.attachments.tables import Attachment
from gisgrid.database import session_scope
from gisgrid.settings import Settings
from tests.attachments.pictures import PDF, jpeg

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def kept(engine: Engine, content: Photo | Document, now: datetime = NOON) -> Kept:
    with session_scope(engine, write=True) as session:
        return keep(session, content, now)


def rows(session: Session) -> list[str]:
    return sorted(session.scalars(select(ATTACHMENT.c.hash)))


def photo(data: bytes, width: int = 4, height: int = 3) -> Photo:
    return Photo(data, "image/jpeg", width, height, None, None, None)


def test_what_is_kept_comes_back_under_its_hash(engine: Engine) -> None:
    facts = kept(engine, photo(b"jpeg"))
    assert facts == Kept(sha256(b"jpeg").hexdigest(), "image/jpeg", 4, 4, 3)
    paper = kept(engine, Document(PDF))
    with session_scope(engine) as session:
        assert fetch(session, facts.hash) == Fetched(facts.hash, "image/jpeg", 4, 4, 3, b"jpeg")
        assert fetch(session, paper.hash) == Fetched(paper.hash, "application/pdf", len(PDF), None, None, PDF)
        assert session.get(Attachment, facts.hash).data == b"jpeg"


def test_the_same_content_is_one_row_and_new_again(engine: Engine) -> None:
    assert kept(engine, photo(b"jpeg")) == kept(engine, photo(b"jpeg"), NOON + HOUR)
    with session_scope(engine) as session:
        assert session.scalars(select(ATTACHMENT.c.added_at)).all() == [NOON + HOUR]


def test_what_is_not_there_is_said_to_be_gone(engine: Engine) -> None:
    with session_scope(engine) as session, pytest.raises(NoSuchAttachment, match="没有这个附件"):
        fetch(session, "0" * 64)


def test_bytes_decide_what_a_file_is(tmp_path) -> None:
    settings = Settings(home=tmp_path, max_photo_bytes=5000, max_document_bytes=100)
    assert isinstance(taken_in(jpeg(), settings), Photo)
    assert isinstance(taken_in(PDF, settings), Document)
    for data, refusal in (
        (PDF[:-8], NotADocument),
        (PDF + bytes(100), DocumentTooLarge),
        (jpeg() + bytes(5000), PhotoTooLarge),
        (b"MZ", NotAPhoto),
    ):
        with pytest.raises(refusal):
            taken_in(data, settings)
