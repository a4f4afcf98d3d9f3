"""The papers of a story: a photo and a document, both made up and saying so."""

import io
from typing import Final

from PIL import Image, ImageDraw

WORDS: Final = "gisgrid demonstration"


def photo(colour: str) -> bytes:
    """Return a small picture in a colour, with words that say what it is."""
    picture = Image.new("RGB", (320, 240), colour)
    ImageDraw.Draw(picture).text((12, 12), WORDS, fill="white")
    held = io.BytesIO()
    picture.save(held, "JPEG")
    return held.getvalue()


def document(title: str) -> bytes:
    """Return a PDF of one page with a title in Latin letters."""
    text = f"BT /F 20 Tf 60 760 Td ({title} - {WORDS}) Tj ET".encode("ascii")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, starts = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        starts.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 6\n0000000000 65535 f \n" + table + end
