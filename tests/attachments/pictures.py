"""Photos as phones make them, and as nobody should."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

RED, BLUE = (220, 30, 30), (30, 30, 220)
KUICHONG = {
    1: "N", 2: (IFDRational(22), IFDRational(38), IFDRational(1644, 100)),
    3: "E", 4: (IFDRational(114), IFDRational(24), IFDRational(5652, 100)),
}  # fmt: skip
"""22° 38′ 16.44″ N, 114° 24′ 56.52″ E."""
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Return a picture, red but for its blue left half."""
    drawn = Image.new("RGB", (width, height), RED)
    drawn.paste(BLUE, (0, 0, width // 2, height))
    return drawn.convert(mode)


def exif_of(gps: Mapping[int, Any] | None = None, **tags: Any) -> bytes:
    """Return EXIF with a position and tags, by their names."""
    exif = Image.Exif()
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    for name, value in tags.items():
        tag = ExifTags.Base[name]
        (inner if name.startswith("DateTimeO") or name.startswith("DateTimeD") else exif)[tag] = value
    if gps is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    return exif.tobytes()


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as a file."""
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def jpeg(width: int = 64, height: int = 48, **tags: Any) -> bytes:
    """Return a JPEG with what a phone writes into it; `gps` is its position."""
    return encoded(picture(width, height), exif=exif_of(**{"gps": KUICHONG, **tags}), comment=b"canary-comment")


def opened(data: bytes) -> Image.Image:
    """Return the picture in a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
