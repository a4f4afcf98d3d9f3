"""People who report incidents and ask for them, each with their own token."""

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from tests.laid import SPOT

URL = "/api/incidents"
AT = "2026-11-01T08:00:00+08:00"


def a_report(**changes: Any) -> dict[str, Any]:
    """Return an incident as it is sent."""
    return {"kind": "L0201", "reported_at": AT, "longitude": SPOT[0], "latitude": SPOT[1], **changes}


@dataclass
class Staff:
    """Somebody who asks the app."""

    client: TestClient
    id: int
    name: str
    words: str

    def ask(self, method: str, path: str = "", **more: Any) -> tuple[int, Any]:
        """Return status and body of an answer."""
        headers = {"Authorization": f"Bearer {self.words}"}
        answer = self.client.request(method, f"{URL}{path}", headers=headers, **more)
        return answer.status_code, answer.json() if answer.content else None

    def report(self, **changes: Any) -> int:
        """Report an incident; return its number."""
        status, answer = self.ask("POST", json=a_report(**changes))
        assert status == 200, answer
        number: int = answer["id"]
        return number

    def seen(self, **asked: Any) -> list[str]:
        """Return the client_ids of the incidents that a list shows; their number is what the list says."""
        status, answer = self.ask("GET", params=asked)
        assert status == 200, answer
        found = [feature["properties"]["client_id"] for feature in answer["features"]]
        assert answer["numberMatched"] == answer["numberReturned"] == len(found)
        return found
