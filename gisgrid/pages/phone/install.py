"""The page from which phones install the local authority. Open to all, for it comes before anybody can sign in.

Whether a phone comes past a warning or through the unencrypted door, nothing proves this page to it: what the phone
shows while it installs is compared with what the administrator has on paper.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, NamedTuple

from cryptography import x509
from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, Response

from gisgrid.pages.frame import PAGES, page
from gisgrid.settings import Settings
from gisgrid.staff.qr import qr_png
from gisgrid.tls.authority import called, fingerprint, permitted, thumbprint
from gisgrid.tls.files import authority_of, der, pem
from gisgrid.tls.profile import profile
from gisgrid.tls.served import install_url

router = APIRouter(prefix="/install", tags=["install"], responses=PAGES)

File = Literal["authority.crt", "authority.pem", "authority.mobileconfig"]
System = Literal["android", "ios", "harmony", "windows"]

SYSTEMS: Final[tuple[tuple[str, System], ...]] = (
    ("harmony", "harmony"),  # before Android, which the older ones name as well
    ("iphone", "ios"),
    ("ipad", "ios"),
    ("android", "android"),
)
PAIRS: Final = 4
"""Pairs of digits of a fingerprint that stay together on a line."""


class Form(NamedTuple):
    """A form in which the authority is handed out. `saved_as`: its name where a browser is to save it."""

    media_type: str
    content: Callable[[x509.Certificate], bytes]
    saved_as: str = ""


FORMS: Final[dict[File, Form]] = {
    "authority.crt": Form("application/x-x509-ca-cert", der, "gisgrid-authority.crt"),
    "authority.pem": Form("application/x-pem-file", pem, "gisgrid-authority.pem"),
    "authority.mobileconfig": Form("application/x-apple-aspen-config", profile),
}
BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    **PAGES,
    200: {"content": {form.media_type: BYTES for form in FORMS.values()}},
}


@router.get("", response_class=HTMLResponse)
def get_install(
    request: Request, user_agent: Annotated[str, Header(max_length=2000, include_in_schema=False)] = ""
) -> HTMLResponse:
    """Show how a phone comes to trust the service: the steps of each system, those of the asking one unfolded."""
    settings: Settings = request.app.state.settings
    authority = authority_of(settings.tls_folder)
    address = install_url(settings, permitted(authority))
    pairs = fingerprint(authority).split(":")
    values: dict[str, Any] = {
        "system": system_of(user_agent),
        "called": called(authority),
        "names": permitted(authority),
        "ends_at": authority.not_valid_after_utc,
        "fingerprint": [":".join(pairs[at : at + PAIRS]) for at in range(0, len(pairs), PAIRS)],
        "thumbprint": thumbprint(authority),
        "origin": settings.origin,
        "address": address,
        "picture": f"data:image/png;base64,{b64encode(qr_png(address)).decode()}",
    }
    return page(request, "phone/install.html", **values)


def system_of(user_agent: str) -> System:
    """Guess the system of whoever asks; a computer is taken for one with Windows."""
    asked = user_agent.lower()
    return next((system for word, system in SYSTEMS if word in asked), "windows")


@router.get("/{file}", response_class=Response, responses=ANSWERS)
def get_authority(request: Request, file: File) -> Response:
    """Hand out the certificate of the authority."""
    settings: Settings = request.app.state.settings
    form = FORMS[file]
    named = {"Content-Disposition": f'attachment; filename="{form.saved_as}"'} if form.saved_as else {}
    return Response(form.content(authority_of(settings.tls_folder)), media_type=form.media_type, headers=named)
