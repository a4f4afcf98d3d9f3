import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from gisgrid.headers import SafeHeaders

HSTS, OPENER = "strict-transport-security", "cross-origin-opener-policy"


@pytest.mark.parametrize(
    ("scheme", "is_trusted", "remembered"),
    [
        ("https", True, "max-age=31536000"),
        ("https", False, "max-age=0"),  # whoever does not trust the certificate yet must get past the warning
        ("http", True, None),
        ("http", False, None),
    ],
)
def test_browsers_insist_on_https_where_they_trust_it_of_themselves(
    scheme: str, is_trusted: bool, remembered: str | None
) -> None:
    app = SafeHeaders(PlainTextResponse("x"), is_trusted=is_trusted)
    answer = TestClient(app, base_url=f"{scheme}://grid.example").get("/")
    assert answer.headers.get(HSTS) == remembered
    assert (answer.headers.get(OPENER) is None) == (scheme == "http")
    assert answer.headers["x-frame-options"] == "DENY"
