"""A browser without a screen: it keeps cookies, sends the forms that are on its page, and never runs a script."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

HERE = ("127.0.0.1", 50000)


@dataclass
class Form:
    """A form as its page has it: what is filled in, what may be chosen, and the names of its buttons."""

    method: str
    action: str
    filled: dict[str, str] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)


class Page(HTMLParser):
    """An answer in HTML: its forms, its text, and the elements that tests look for."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._select = self._area = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given.get("method", "get"), given.get("action", "")))
        elif tag == "select":
            self._select = given["name"]
        if self.forms and tag in ("input", "select", "textarea", "button") and "name" in given:
            self._field(tag, given)  # before the first form stands what a script reads
        if tag == "textarea":
            self._area = given["name"]
        if tag == "option" and ("selected" in given or self._select not in self.forms[-1].filled):
            self.forms[-1].filled[self._select] = given["value"]

    def _field(self, tag: str, given: dict[str, str]) -> None:
        self.forms[-1].fields.add(given["name"])
        is_chosen = given.get("type") not in ("checkbox", "radio") or "checked" in given
        if tag == "input" and is_chosen and given.get("value"):
            self.forms[-1].filled[given["name"]] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area:
            self.forms[-1].filled[self._area] = data

    @property
    def text(self) -> str:
        """What is to be read on the page, and what stands in its fields."""
        typed = [
            given for tag, given in self.elements if tag == "input" and given.get("type", "text") in ("text", "search")
        ]
        return " ".join(" ".join([*self.words, *(given.get("value", "") for given in typed)]).split())

    def value(self, identifier: str) -> str:
        """Return what stands in the field of an id."""
        return next(given["value"] for _, given in self.elements if given.get("id") == identifier)


class Visitor:
    """Somebody at a browser; `status`, `place` (where an answer leads) and `page` are of the last answer."""

    def __init__(self, app: FastAPI, words: str = "", *, base_url: str = "http://127.0.0.1", **cookies: str) -> None:
        peer = HERE if "127.0.0.1" in base_url else ("203.0.113.9", 50000)
        self.client = TestClient(
            app, base_url=base_url, client=peer, raise_server_exceptions=False, follow_redirects=False
        )
        self.client.headers |= {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        for name, value in ({"gisgrid": words, **cookies} if words else cookies).items():
            self.client.cookies.set(name, value)

    def get(self, path: str, status: int = 200, **headers: str) -> "Visitor":
        return self._take(self.client.get(path, headers=headers), status)

    def post(self, path: str, status: int = 303, **sent: Any) -> "Visitor":
        """Send fields to an address, whether a form is there or not."""
        return self._take(self.client.post(path, data=sent), status)

    def upload(self, path: str, status: int = 303, *files: bytes, **sent: Any) -> "Visitor":
        """Send fields with files; without any, as a browser does for a field that nobody filled in."""
        given = [("file", (f"{at}.jpg", data)) for at, data in enumerate(files)] or [("file", ("", b""))]
        return self._take(self.client.post(path, data=sent, files=given), status)

    def send(self, action: str, status: int = 303, **changes: str) -> "Visitor":
        """Fill in and send the form of the page that goes to an address and has these fields."""
        there = [form for form in self.page.forms if form.action == action and form.method == "post"]
        form = next(form for form in there if set(changes) <= form.fields)
        return self.post(action, status, **(form.filled | changes))

    def follow(self) -> "Visitor":
        """Go where the last answer leads."""
        return self.get(self.place)

    def _take(self, answer: Any, status: int) -> "Visitor":
        self.answer = answer
        assert answer.status_code == status, Page(answer.text).text[:2000]
        self.place = answer.headers.get("location", "")
        self.page = Page(answer.text if answer.headers.get("content-type", "").startswith("text/html") else "")
        return self

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.text

    @property
    def form_token(self) -> str:
        """What the forms of the page bring along."""
        return next(form.filled["form_token"] for form in self.page.forms if "form_token" in form.filled)

    def has_form(self, action: str) -> bool:
        """Tell whether the page has a form that goes to an address."""
        return any(form.action == action for form in self.page.forms)
