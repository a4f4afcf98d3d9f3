"""A PDF of a page of HTML, with fonts embedded so that it can be searched; nothing is fetched from anywhere.

WeasyPrint wants Pango and a Chinese font of the system; both are looked for when a PDF is made, not before.
"""

import ctypes
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from importlib.resources import files
from threading import Lock
from typing import Any, Final

from gisgrid.errors import GisgridError, Unavailable

SCHEME: Final = "document:"
STYLES: Final = "print.css"
CHINESE: Final = b":lang=zh-cn"

_one_at_a_time: Final = Lock()
"""A sheet takes a second of a core, and Pango keeps what it shares between threads unlocked."""


class NoPango(Unavailable):
    """The libraries that set text are not installed."""


class NoFont(Unavailable):
    """No font with Chinese letters is installed: every one of them would be an empty box."""


class UnknownAddress(GisgridError):
    """A page that is to be printed names a file that it was not given: a mistake in the program."""


def pdf_of(html: str, *, images: Mapping[str, bytes]) -> bytes:
    """Return a page as a PDF: the same bytes for the same page and images on the same machine.

    The page names its images (JPEG, PNG or SVG) as `document:NAME`, its styles as `document:print.css`. It takes a
    second and more: call it where blocking is no harm, as in a route without `async`, which has a thread of its own.
    Raises NoPango, NoFont, UnknownAddress.
    """
    weasyprint = _weasyprint()
    require_chinese()
    refused: list[str] = []
    fetch = _fetcher(weasyprint, images, refused)
    with _one_at_a_time, suppress(weasyprint.urls.FatalURLFetchingError):
        page = weasyprint.HTML(string=html, base_url=SCHEME, url_fetcher=fetch)
        made: bytes = page.write_pdf(pdf_identifier=sha256(html.encode()).digest()[:16], pdf_tags=True)
    if refused:  # inside a drawing the error itself is lost
        shown = ascii(refused[0][:100])
        raise UnknownAddress(f"不能引用这个地址:{shown}", f"there is nothing at this address: {shown}")
    return made


def _weasyprint() -> Any:
    try:
        import weasyprint  # noqa: PLC0415 - half a second, and libraries that not every installation has
    except OSError as error:
        raise _no_pango() from error
    return weasyprint


def _no_pango() -> NoPango:
    packages = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    return NoPango(
        f"缺少排版库 Pango,不能生成 PDF;请管理员安装:apt install {packages}",
        f"Pango is missing, so no PDF can be made: apt install {packages}",
    )


def _fetcher(weasyprint: Any, images: Mapping[str, bytes], refused: list[str]) -> Any:
    """Return what hands WeasyPrint the given images and our styles, and stops at every other address, noting it."""

    class Given(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> Any:
            name = url.removeprefix(SCHEME)
            if url.startswith(SCHEME) and name == STYLES:
                body, kind = files(__package__).joinpath(STYLES).read_bytes(), "text/css; charset=utf-8"
            elif url.startswith(SCHEME) and name in images:
                body, kind = images[name], _kind(images[name])
            else:
                refused.append(url)
                raise weasyprint.urls.FatalURLFetchingError
            return weasyprint.urls.URLFetcherResponse(url, body, {"Content-Type": kind})

    return Given()


def _kind(image: bytes) -> str:
    if image.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "image/png" if image.startswith(b"\x89PNG") else "image/svg+xml"


# --- fonts ---------------------------------------------------------------------------------------


class _FontSet(ctypes.Structure):
    """fontconfig's FcFontSet."""

    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.c_void_p))


def require_chinese() -> None:
    """Check that a font with Chinese letters is installed. Raises NoFont, NoPango."""
    if not _fonts(CHINESE):
        raise NoFont(
            "没有安装中文字体,不能生成 PDF;请管理员安装其一后重试:apt install fonts-noto-cjk(56 MB,宋体和黑体)"
            "或 fonts-wqy-microhei(2 MB)",
            "no Chinese font is installed, so no PDF can be made: apt install fonts-noto-cjk (56 MB, serif and sans) "
            "or fonts-wqy-microhei (2 MB), then try again",
        )


def _fonts(pattern: bytes) -> int:
    """Return how many of the installed fonts match a pattern of fontconfig."""
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError as error:
        raise _no_pango() from error
    for name in ("FcNameParse", "FcObjectSetCreate"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    asked = ctypes.c_void_p(fontconfig.FcNameParse(pattern))
    nothing_else = ctypes.c_void_p(fontconfig.FcObjectSetCreate())
    fontconfig.FcObjectSetAdd(nothing_else, b"file")
    found = fontconfig.FcFontList(None, asked, nothing_else)
    count = found.contents.count if found else 0
    if found:
        fontconfig.FcFontSetDestroy(found)
    fontconfig.FcObjectSetDestroy(nothing_else)
    fontconfig.FcPatternDestroy(asked)
    return int(count)
