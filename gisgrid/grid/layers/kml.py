"""Field names of KML made by Chinese programs: GDAL turns each byte of `<Data name="编码">` into an underscore."""

import re
import tempfile
from html import unescape
from pathlib import Path
from typing import Final

_DATA: Final = re.compile(r"(<(?:\w+:)?Data\s[^>]*?name=)([\"'])(.*?)\2")


def with_plain_names(path: Path, scratch: Path) -> tuple[Path, dict[str, str]]:
    """Return a KML file (UTF-8) whose data names are ASCII, and the real name of each that was replaced.

    The file itself where nothing had to be replaced.
    """
    names: dict[str, str] = {}

    def replaced(match: re.Match[str]) -> str:
        name = unescape(match[3])
        if name.isascii():
            return match[0]
        plain = next((known for known, its in names.items() if its == name), f"field{len(names) + 1}_")
        names[plain] = name
        return f"{match[1]}{match[2]}{plain}{match[2]}"

    text = _DATA.sub(replaced, path.read_text(encoding="utf-8-sig"))
    if not names:
        return path, {}
    copy = Path(tempfile.mkdtemp(dir=scratch)) / path.name
    copy.write_text(text, encoding="utf-8")
    return copy, names
