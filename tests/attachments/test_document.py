import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.attachments.document import DocumentTooLarge, NotADocument, document_of, is_pdf
from tests.attachments.pictures import PDF, jpeg


@pytest.mark.parametrize("data", [PDF, PDF.replace(b"1.7", b"2.0"), PDF + b"\r\n" * 100])
def test_a_pdf_is_kept_byte_for_byte(data: bytes) -> None:
    kept = document_of(data)
    assert (kept.data, kept.media_type) == (data, "application/pdf")


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF", b"%PDF-1.7\n", PDF[:-8], b" " + PDF, b"%PDF-9.9" + PDF[8:], PDF + b" " * 2000, jpeg(),
     b"<html>" + PDF, b"PK\x03\x04" + bytes(40)],
)  # fmt: skip
def test_what_is_no_whole_pdf_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(NotADocument, match="PDF"):
        document_of(data)


def test_a_document_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(DocumentTooLarge, match="4e-05 MB"):
        document_of(PDF, max_bytes=40)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_pdf_or_refused(noise: bytes) -> None:
    assert is_pdf(PDF + noise)
    assert not is_pdf(noise) or noise.startswith(b"%PDF-")
