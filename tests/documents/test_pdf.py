import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gisgrid.documents.pdf import NoPango, UnknownAddress, pdf_of, require_chinese
from tests.documents.sheets_of_paper import fonts, photo, reader, words

PAGE = """<!doctype html><html lang="zh-CN"><head><title>通知</title>
<link rel="stylesheet" href="document:print.css"></head>
<body><h1>葵涌街道</h1><p>石下工作分站 Shixia</p>{}</body></html>"""
SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text y="15">%s</text></svg>"""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was asked of the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_text_can_be_searched_and_its_fonts_are_in_the_file() -> None:
    images = {"one": photo(), "two": SVG % "图中文字".encode()}
    page = PAGE.format('<img src="document:one"><img src="document:two">')
    pdf = pdf_of(page, images=images)
    assert "葵涌街道石下工作分站Shixia" in words(pdf)
    assert "图中文字" in words(pdf)
    assert "第1页共1页" in words(pdf)
    assert reader(pdf).metadata.title == "通知"
    assert fonts(pdf)
    assert all(fonts(pdf).values())
    assert len(reader(pdf).pages[0].images) == 1
    assert pdf_of(page, images=images) == pdf


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="https://example.org/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="/etc/passwd">',
        '<img src="document:other">',
        '<img src="document:../pdf.py">',
        '<link rel="stylesheet" href="document:one.css">',
        '<style>@import "file:///etc/passwd";</style>',
        '<p style="background: url(ftp://example.org/x)">x</p>',
        "<style>@font-face { font-family: f; src: url(http://127.0.0.1:9/f) } p { font-family: f }</style>",
        '<base href="file:///etc/"><img src="passwd">',
        '<object data="file:///etc/passwd"></object>',
        '<embed src="file:///etc/passwd">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<img src="document:svg">',
    ],
)
def test_nothing_but_what_was_given_is_fetched(markup: str) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'
    with pytest.raises(UnknownAddress, match="不能引用这个地址"):
        pdf_of(f"<p>x</p>{markup}", images={"one": photo(), "svg": svg})


def test_without_pango_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        @staticmethod
        def find_spec(name: str, _path: Sequence[str] | None, _target: object = None) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing, *sys.meta_path])
    with pytest.raises(NoPango, match=r"libpango-1\.0-0 libpangoft2-1\.0-0 libharfbuzz-subset0"):
        pdf_of("<p>x</p>", images={})


ASKS = """
from gisgrid.documents.pdf import NoFont, pdf_of
try:
    pdf_of("<p>x</p>", images={})
except NoFont as error:
    print(error)
"""


def test_without_a_chinese_font_the_packages_are_named(tmp_path: Path) -> None:
    nothing = tmp_path / "fonts.conf"
    nothing.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    ran = subprocess.run(
        [sys.executable, "-c", ASKS],
        env={**os.environ, "FONTCONFIG_FILE": str(nothing)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "fonts-noto-cjk" in ran.stdout, ran.stderr
    assert "fonts-wqy-microhei" in ran.stdout
    require_chinese()


def test_what_sets_text_is_loaded_when_it_is_wanted() -> None:
    asks = "import sys, gisgrid.documents.case_sheet; print('weasyprint' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
