import io
import struct
import zlib
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import IFDRational

from gisgrid.attachments.photo import LONGEST_PX, MOST_BYTES, NotAPhoto, PhotoTooLarge, photo_of
from tests.attachments.pictures import BLUE, KUICHONG, RED, encoded, exif_of, jpeg, opened, picture

# what the decoders warn of is no error in the service either
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

TAKEN = "2026:11:01 08:05:09"
AT = datetime.fromisoformat("2026-11-01T08:05:09")  # of a zone that no camera names


def near(pixel: tuple[int, ...], colour: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 25 for one, other in zip(pixel, colour, strict=True))


def test_time_and_position_come_out_as_data_and_leave_the_file() -> None:
    sent = jpeg(DateTimeOriginal=TAKEN, Make="canary-make", Software="canary-software")
    photo = photo_of(sent)
    assert b"canary" in sent
    assert b"Exif" in sent
    assert (photo.media_type, photo.width, photo.height) == ("image/jpeg", 64, 48)
    assert photo.taken_at == AT
    assert (photo.longitude, photo.latitude) == pytest.approx((114.4157, 22.6379))
    kept = opened(photo.data)
    assert (kept.format, len(kept.getexif())) == ("JPEG", 0)
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not any(word in photo.data for word in (b"canary", b"Exif", b"http", b"GPS", b"ICC_PROFILE"))
    assert photo_of(sent) == photo


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {"exif": exif_of(KUICHONG, DateTimeOriginal=TAKEN)}),
        ("WEBP", {"exif": exif_of(KUICHONG, DateTimeOriginal=TAKEN), "xmp": b"<canary/>"}),
        ("JPEG", {"exif": exif_of(KUICHONG, DateTimeOriginal=TAKEN), "xmp": b"<canary/>", "progressive": True}),
    ],
)
def test_other_formats_say_the_same(kind: str, options: dict[str, Any]) -> None:
    photo = photo_of(encoded(picture(), kind, **options))
    assert photo.taken_at == AT
    assert (photo.longitude, photo.latitude) == pytest.approx((114.4157, 22.6379))
    assert opened(photo.data).format == "JPEG"
    assert b"canary" not in photo.data


@pytest.mark.parametrize(
    ("orientation", "size", "blue", "red"),
    [
        (1, (64, 48), (5, 24), (58, 24)),
        (2, (64, 48), (58, 24), (5, 24)),
        (3, (64, 48), (58, 24), (5, 24)),
        (4, (64, 48), (5, 24), (58, 24)),
        (5, (48, 64), (24, 5), (24, 58)),
        (6, (48, 64), (24, 5), (24, 58)),
        (7, (48, 64), (24, 58), (24, 5)),
        (8, (48, 64), (24, 58), (24, 5)),
        (0, (64, 48), (5, 24), (58, 24)),
        (77, (64, 48), (5, 24), (58, 24)),
    ],
)
def test_photos_stand_upright(
    orientation: int, size: tuple[int, int], blue: tuple[int, int], red: tuple[int, int]
) -> None:
    photo = photo_of(jpeg(Orientation=orientation))
    kept = opened(photo.data)
    assert kept.size == (photo.width, photo.height) == size
    assert near(kept.getpixel(blue), BLUE)
    assert near(kept.getpixel(red), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    drawn = Image.new("I;16", (8, 6), 0xFFFF) if mode == "I;16" else picture(8, 6, mode)
    kept = opened(photo_of(encoded(drawn, "PNG")).data)
    assert (kept.mode, kept.size) == ("RGB", (8, 6))
    assert mode != "I;16" or near(kept.getpixel((4, 3)), (255, 255, 255))


def test_a_photo_for_print_is_read() -> None:
    assert opened(photo_of(encoded(picture(mode="CMYK"))).data).mode == "RGB"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_is_white(kind: str) -> None:
    photo = photo_of(encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), kind))
    assert near(opened(photo.data).getpixel((5, 5)), (255, 255, 255))


def test_a_second_picture_of_a_file_is_left_out() -> None:
    both = io.BytesIO()
    picture().save(both, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), (0, 255, 0))])
    photo = photo_of(both.getvalue())
    assert near(opened(photo.data).getpixel((5, 24)), BLUE)
    assert photo.data.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((LONGEST_PX, 10), (LONGEST_PX, 10)),
        ((4000, 3000), (2560, 1920)),
        ((3000, 4000), (1920, 2560)),
        ((9000, 2), (2560, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_large_photos_shrink(size: tuple[int, int], kept: tuple[int, int]) -> None:
    photo = photo_of(encoded(picture(*size), "PNG" if size[1] < 100 else "JPEG"))
    assert (photo.width, photo.height) == opened(photo.data).size == kept


def test_a_photo_that_does_not_compress_is_kept_in_a_megabyte() -> None:
    noise = Image.effect_noise((2560, 1920), 200)
    photo = photo_of(encoded(noise, quality=70))
    assert len(photo.data) <= MOST_BYTES
    assert photo.width / photo.height == pytest.approx(4 / 3, abs=0.01)


# --- hostile EXIF --------------------------------------------------------------------------------


def rational(numerator: int, denominator: int = 1) -> IFDRational:
    return IFDRational(numerator, denominator)


@pytest.mark.parametrize(
    "changes",
    [
        {2: (rational(0, 0), rational(0), rational(0))},  # not a number
        {2: (rational(22, 0), rational(0), rational(0))},  # infinite
        {2: (rational(91), rational(0), rational(0))},
        {4: (rational(180), rational(0), rational(1))},
        {4: (rational(2**32 - 1), rational(0), rational(0))},
        {2: (rational(0, 0), rational(0, 0), rational(0, 0)), 4: (rational(0, 0),) * 3},
        {1: "X"},
        {1: ""},
        {1: None},
        {3: None},
        {2: None},
        {4: None},
        {1: "E", 3: "N"},
        {2: (rational(0),) * 3, 4: (rational(0),) * 3},  # what a camera writes that has no fix
    ],
)
def test_a_position_that_is_none_is_left_out(changes: dict[int, Any]) -> None:
    gps = {tag: value for tag, value in {**KUICHONG, **changes}.items() if value is not None}
    photo = photo_of(jpeg(gps=gps, DateTimeOriginal=TAKEN))
    assert (photo.longitude, photo.latitude) == (None, None)
    assert photo.taken_at == AT


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({1: "S", 3: "W"}, (-114.4157, -22.6379)),
        ({1: "n", 3: "e"}, (114.4157, 22.6379)),
        ({2: (rational(226379, 10000), rational(0), rational(0))}, (114.4157, 22.6379)),
        ({2: (rational(22), rational(38274, 1000), rational(0))}, (114.4157, 22.6379)),
    ],
)
def test_positions_as_phones_write_them(changes: dict[int, Any], place: tuple[float, float]) -> None:
    photo = photo_of(jpeg(gps={**KUICHONG, **changes}))
    assert (photo.longitude, photo.latitude) == pytest.approx(place)


@pytest.mark.parametrize(
    ("tags", "taken_at"),
    [
        ({"DateTimeOriginal": TAKEN, "DateTime": "2020:01:01 00:00:00"}, AT),
        ({"DateTimeDigitized": TAKEN}, AT),
        ({"DateTime": TAKEN}, AT),
        ({}, None),
        ({"DateTimeOriginal": "0000:00:00 00:00:00"}, None),
        ({"DateTimeOriginal": "2026:02:30 00:00:00"}, None),
        ({"DateTimeOriginal": "2026:11:01 24:00:00"}, None),
        ({"DateTimeOriginal": "0001:01:01 00:00:00"}, None),
        ({"DateTimeOriginal": "    :  :     :  :  "}, None),
        ({"DateTimeOriginal": "昨天"}, None),
        ({"DateTimeOriginal": "2026:11:01 08:05:09" + "9" * 1000}, AT),
        ({"DateTimeOriginal": ""}, None),
    ],
)
def test_times_as_cameras_write_them(tags: dict[str, str], taken_at: datetime | None) -> None:
    photo = photo_of(jpeg(**tags))
    assert photo.taken_at == taken_at
    assert photo.longitude is not None


@given(st.binary(max_size=300))
def test_any_bytes_for_exif_are_no_reason_to_refuse_a_photo(noise: bytes) -> None:
    for exif in (noise, b"Exif\0\0II*\0\x08\0\0\0" + noise):
        photo = photo_of(encoded(picture(8, 6), exif=exif))
        assert opened(photo.data).size in ((8, 6), (6, 8))


@given(st.data())
def test_damaged_exif_says_nothing_false_and_stops_nothing(data: st.DataObject) -> None:
    sent = bytearray(exif_of(KUICHONG, DateTimeOriginal=TAKEN, Orientation=6))
    for _ in range(data.draw(st.integers(1, 6))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    photo = photo_of(encoded(picture(8, 6), exif=bytes(sent)))
    assert photo.longitude is None or -180 <= photo.longitude <= 180
    assert photo.latitude is None or -90 <= photo.latitude <= 90


# --- hostile files -------------------------------------------------------------------------------

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
GIF = encoded(picture(), "GIF")
TIFF = encoded(picture(), "TIFF")
BMP = encoded(picture(), "BMP")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "JPEG"),
        (b"\xff\xd8", "JPEG"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "JPEG"),
        (b"RIFF\x04\0\0\0WEBP", "JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPEG"),
        (b"<html><script>alert(1)</script>", "JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "JPEG"),
        (GIF, "JPEG"),
        (TIFF, "JPEG"),
        (BMP, "JPEG"),
        (HEIC, "HEIC"),
    ],
)
def test_what_is_no_photo_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(NotAPhoto) as refused:
        photo_of(data)
    assert words in refused.value.zh
    assert words in refused.value.en


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_without_its_end_is_refused_whatever_another_library_wants(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole = encoded(picture(400, 300), kind)
    for length in (len(whole) // 3, len(whole) // 2, len(whole) - 40):
        with pytest.raises(NotAPhoto):
            photo_of(whole[:length])


def test_a_file_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(PhotoTooLarge, match=r"0\.001 MB"):
        photo_of(bytes(1001), max_bytes=1000)


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def jpeg_that_claims(width: int, height: int) -> bytes:
    made = bytearray(encoded(picture()))
    at = made.index(b"\xff\xc0") + 5
    made[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(made)


@pytest.mark.parametrize(
    "bomb",
    [
        png_that_claims(6000, 5000),
        png_that_claims(100_000, 100_000),
        png_that_claims(2**31 - 1, 1),
        jpeg_that_claims(12000, 10000),
        jpeg_that_claims(65500, 65500),
        encoded(Image.new("L", (16383, 2000)), "WEBP", lossless=True, quality=0, method=0),
    ],
)
def test_a_bomb_is_refused_by_its_size_before_it_is_read(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("it was read")

    for name in ("load", "convert", "thumbnail", "draft"):
        monkeypatch.setattr(Image.Image, name, read)
    with pytest.raises(PhotoTooLarge, match="像素"):
        photo_of(bomb)


@given(st.one_of(st.binary(max_size=400), st.binary(max_size=400).map(lambda noise: b"\xff\xd8\xff\xe1" + noise)))
def test_any_bytes_are_a_photo_or_refused_in_words(noise: bytes) -> None:
    told(noise)


@given(st.data(), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_any_damage_gives_a_photo_or_words(data: st.DataObject, kind: str) -> None:
    whole = bytearray(encoded(picture(32, 24), kind, exif=exif_of(KUICHONG)))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    told(bytes(whole))
    told(bytes(whole[:cut]))


def told(data: bytes) -> None:
    try:
        photo = photo_of(data)
    except (NotAPhoto, PhotoTooLarge):
        return
    kept = opened(photo.data)
    assert kept.size == (photo.width, photo.height)
    assert len(photo.data) <= MOST_BYTES
    assert len(kept.getexif()) == 0
