import json
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.incidents.open311.written import written

DECLARED = "<?xml version='1.0' encoding='UTF-8'?>\n"


@pytest.mark.parametrize(
    ("root", "value", "xml"),
    [
        ("services", [], "<services />"),
        ("errors", [{"code": 404, "description": "无 & <x>"}],
         "<errors><error><code>404</code><description>无 &amp; &lt;x&gt;</description></error></errors>"),
        ("service_definition", {"service_code": "E0102", "metadata": False, "attributes": []},
         "<service_definition><service_code>E0102</service_code><metadata>false</metadata><attributes />"
         "</service_definition>"),
        ("service_requests", [{"media_url": None, "lat": 22.5}],
         "<service_requests><request><media_url /><lat>22.5</lat></request></service_requests>"),
        ("discovery", {"endpoints": [{"formats": ["text/xml", "application/json"]}]},
         "<discovery><endpoints><endpoint><formats><format>text/xml</format><format>application/json</format></formats>"
         "</endpoint></endpoints></discovery>"),
    ],
)  # fmt: skip
def test_the_same_value_in_both_forms(root: str, value: Any, xml: str) -> None:
    assert written("xml", root, value).decode() == DECLARED + xml
    assert json.loads(written("json", root, value)) == value


@given(st.text(st.characters(codec=None, categories=None)))
def test_whatever_text_there_is_it_can_be_read(text: str) -> None:
    body = written("xml", "errors", [{"code": 1, "description": text}])
    read = fromstring(body).findtext("error/description") or ""
    assert len(read.replace("\r\n", "\n")) <= len(text)
    plain = all(letter == "\t" or letter.isprintable() for letter in text)
    assert not plain or read == text
    json.loads(written("json", "errors", [{"code": 1, "description": text}]))
