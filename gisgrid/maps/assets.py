"""What maps bring to the browser: own and vendored files, and data as JSON blocks. Knows no folium: it starts fast."""

import json
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"


def inlined(path: str) -> str:
    """Return the text of a file under STATIC, fit for a script or style block: without its source-map pointer."""
    lines = (STATIC / path).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//# sourceMappingURL="))


def script_json(value: Any) -> str:
    """Write JSON that may stand in a script element: nothing in it can end the element or open a comment."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
