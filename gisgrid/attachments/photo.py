"""What is kept of a photo: the picture alone, upright and of a size for a screen. When and where it was taken is data.

Pure. Whatever is wrong with a file is told in words; whatever is wrong with its EXIF means that it says nothing.
"""

import io
import math
import re
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any, Final

from PIL import ExifTags, Image, ImageFile
from PIL.Image import Transpose

from gisgrid.errors import Refused, TooLarge
from gisgrid.geometry import is_on_earth

JPEG: Final = "image/jpeg"
LONGEST_PX: Final = 2560
MOST_BYTES: Final = 1_000_000
"""Of what is kept: to write so much keeps other writers of an embedded database waiting for a few milliseconds."""
MOST_PIXELS: Final = {"JPEG": 80_000_000, "MPO": 80_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
"""By the format: a JPEG is read at a fraction of its size, the others take four bytes a pixel before they shrink."""
QUALITIES: Final = (85, 75, 65, 55)
UPRIGHT: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
HEIC_BRANDS: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
EXIF_TIME: Final = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
WHITE: Final = (255, 255, 255)

_room: Final = BoundedSemaphore(2)
"""Each takes up to 300 MB and all of a core."""


class NotAPhoto(Refused):
    """A file that is no picture of a kind that is taken, or whose end or middle is missing."""


class PhotoTooLarge(TooLarge):
    """A photo of more bytes or pixels than are taken."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG without any metadata, and what its EXIF said: local time without zone, degrees in WGS 84."""

    data: bytes
    media_type: str
    width: int
    height: int
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, slots=True)
class _Told:
    """What the EXIF of a photo says."""

    orientation: int = 1
    taken_at: datetime | None = None
    longitude: float | None = None
    latitude: float | None = None


def photo_of(data: bytes, *, max_bytes: int = 15_000_000) -> Photo:
    """Return what is kept of a JPEG, PNG or WebP file; of one that moves, the first picture.

    The same for the same file. Raises PhotoTooLarge, NotAPhoto.
    """
    if len(data) > max_bytes:
        megabytes = f"{max_bytes / 1e6:g}"
        raise PhotoTooLarge(
            f"照片超过 {megabytes} MB,请缩小后再传", f"the photo is larger than {megabytes} MB; make it smaller first"
        )
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise NotAPhoto(
            "不能读取 HEIC 照片;请在手机相机设置中选“兼容性最佳”(JPEG),或转换为 JPEG 后再传",
            "HEIC cannot be read; set the camera to “most compatible” (JPEG), or convert the photo to JPEG first",
        )
    with _room:
        return _reencoded(data)


def _reencoded(data: bytes) -> Photo:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint switches it on for the whole process when it is loaded
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            _require_few_pixels(image)
            told = _told(image)
            picture = _plain(image, told.orientation)
            made, (width, height) = _small_jpeg(picture)
    except PhotoTooLarge:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:  # on whatever the decoders stumble, the file is to blame
        raise NotAPhoto(
            "不是完好的 JPEG、PNG 或 WebP 照片;请重新拍摄或另选一张",
            "is no whole JPEG, PNG or WebP photo; take it again or choose another",
        ) from error
    return Photo(made, JPEG, width, height, told.taken_at, told.longitude, told.latitude)


def _require_few_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS.get(image.format or "", 0):
        raise _too_many_pixels()


def _too_many_pixels() -> PhotoTooLarge:
    most = {name: f"{pixels // 1_000_000}" for name, pixels in MOST_PIXELS.items()}
    return PhotoTooLarge(
        f"照片像素过多:JPEG 至多 {most['JPEG']} 百万,PNG、WebP 至多 {most['PNG']} 百万;请缩小后再传",
        f"the photo has too many pixels: at most {most['JPEG']} million in a JPEG, {most['PNG']} million in a PNG or "
        "WebP; make it smaller first",
    )


# --- the picture ---------------------------------------------------------------------------------


def _plain(image: Image.Image, orientation: int) -> Image.Image:
    """Return a picture in RGB, upright, at most LONGEST_PX on its long side; what is transparent is white."""
    image.draft("RGB", (LONGEST_PX, LONGEST_PX))  # lets a JPEG be read at a half, a quarter or an eighth
    image.load()
    if image.mode.startswith(("I", "F")):  # 16 bits of grey
        image = image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = _on_white(image)
    image = image.convert("RGB")
    image.thumbnail((LONGEST_PX, LONGEST_PX), reducing_gap=2.0)
    turn = UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)


def _on_white(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    image.thumbnail((LONGEST_PX, LONGEST_PX), reducing_gap=2.0)
    ground = Image.new("RGB", image.size, WHITE)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _small_jpeg(picture: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """Return a picture as a JPEG of at most MOST_BYTES, with its size: of lower quality, or smaller, where it must."""
    picture.info.clear()  # a comment would be written again
    while True:
        for quality in QUALITIES:
            made = io.BytesIO()
            picture.save(made, "JPEG", quality=quality)
            if made.tell() <= MOST_BYTES:
                return made.getvalue(), picture.size
        picture = picture.resize((max(1, picture.width * 3 // 4), max(1, picture.height * 3 // 4)))


# --- what its EXIF says --------------------------------------------------------------------------


def _told(image: Image.Image) -> _Told:
    """Return what the EXIF says, part by part: one that cannot be read takes no other with it."""
    exif = _quietly(image.getexif)
    if exif is None:
        return _Told()
    place = _quietly(lambda: _place(exif.get_ifd(ExifTags.IFD.GPSInfo))) or (None, None)
    orientation = _quietly(lambda: int(exif.get(ExifTags.Base.Orientation, 1)))
    return _Told(orientation or 1, _quietly(lambda: _time(exif)), *place)


def _quietly(read: Any) -> Any:
    try:
        return read()
    except Exception:  # noqa: BLE001 - EXIF is a stranger's binary tree: what is broken in it says nothing
        return None


def _time(exif: Image.Exif) -> datetime | None:
    """Return when the shutter opened, as the camera's clock had it."""
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    original, digitised = inner.get(ExifTags.Base.DateTimeOriginal), inner.get(ExifTags.Base.DateTimeDigitized)
    said = original or digitised or exif.get(ExifTags.Base.DateTime)
    if not isinstance(said, str) or not EXIF_TIME.match(said):
        return None
    moment = datetime.strptime(said[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - EXIF names no zone
    return moment if 1901 <= moment.year <= 8999 else None


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    """Return longitude and latitude; None for half of one, one off the earth, the zeros of a camera without a fix."""
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS")
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW")
    if longitude is None or latitude is None or not is_on_earth(longitude, latitude):
        return None
    return None if longitude == latitude == 0 else (longitude, latitude)


def _degrees(parts: Any, side: Any, sides: str) -> float | None:
    """Return degrees, minutes and seconds as degrees, negative in the south and west."""
    letter = str(side or "").strip("\x00 ").upper()
    if len(letter) != 1 or letter not in sides:
        return None
    degrees, minutes, seconds = (float(part) for part in (*parts, 0, 0)[:3])
    whole = degrees + minutes / 60 + seconds / 3600
    if not all(map(math.isfinite, (degrees, minutes, seconds))) or min(degrees, minutes, seconds) < 0:
        return None
    return -whole if letter == sides[1] else whole
