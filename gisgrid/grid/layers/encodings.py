"""In which encoding the words of a layer are: GBK and GB18030 are common, and often not declared."""

import codecs
import re
import tempfile
from pathlib import Path
from typing import Final

from gisgrid.grid.layers.faults import Fault, Unusable

CHINESE: Final = "GB18030"
"""Contains GBK and GB2312: whatever these can read, it reads the same."""

_DBF_HEADER: Final = 32
_DBF_FIELD: Final = 32
_DBF_NAME: Final = 11


def dbf_encoding(dbf: Path, wished: str | None) -> str | None:
    """Return the encoding of a Shapefile's names and values; None where there is no table.

    In this order: what was wished, what the .cpg says, UTF-8, GB18030; the first that can read every word.
    Raises Unusable when none can.
    """
    if not dbf.exists():
        return None
    words = _dbf_words(dbf.read_bytes())
    candidates = [known_encoding(wished)] if wished else [_declared(dbf), "UTF-8", CHINESE]
    for name in candidates:
        if name and all(_reads(word, name) for word in words):
            return name
    raise _unreadable(dbf.name, wished)


def utf8_copy(path: Path, wished: str | None, scratch: Path) -> tuple[Path, str]:
    """Return a UTF-8 file with the same text (the file itself where it is UTF-8), and its encoding.

    Raises Unusable.
    """
    content = path.read_bytes()
    candidates = [known_encoding(wished)] if wished else ["UTF-8", "UTF-16", CHINESE]
    for name in candidates:
        if name == "UTF-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            continue
        try:
            text = content.decode(name)
        except UnicodeError:
            continue
        if name == "UTF-8":
            return path, name
        copy = Path(tempfile.mkdtemp(dir=scratch)) / path.name
        copy.write_text(_declared_as_utf8(text), encoding="utf-8")
        return copy, name
    raise _unreadable(path.name, wished)


def known_encoding(name: str | None) -> str:
    """Return Python's spelling of an encoding; GBK and its like become GB18030. Raises Unusable."""
    try:
        found = codecs.lookup((name or "").strip()).name.upper()
    except LookupError as error:
        raise Unusable(
            Fault(
                "file",
                f"不认识的编码 {name!r}",
                f"unknown encoding {name!r}",
                "常用:--encoding UTF-8 或 GB18030",
                "usual: --encoding UTF-8 or GB18030",
            )
        ) from error
    return CHINESE if found in ("GBK", "GB2312", "GB18030") else found


def _declared(dbf: Path) -> str | None:
    """Return what the .cpg beside the table says, where Python knows it; '936' and 'OEM' styles included."""
    for sidecar in dbf.parent.glob(f"{dbf.stem}.[cC][pP][gG]"):
        name = sidecar.read_text(encoding="ascii", errors="replace").strip()
        try:
            return known_encoding(f"cp{name}" if name.isdigit() else name)
        except Unusable:
            return None  # a declaration nobody understands is no declaration
    return None


def _dbf_words(content: bytes) -> list[bytes]:
    """Return the field names and, as one long word per record, the values of a dBASE table."""
    header = int.from_bytes(content[8:10], "little")
    record = max(int.from_bytes(content[10:12], "little"), 1)
    fields = range(_DBF_HEADER, min(header, len(content)) - 1, _DBF_FIELD)
    names = [content[at : at + _DBF_NAME].split(b"\0", 1)[0] for at in fields]
    widths = [content[at + 16] for at in fields if at + 16 < len(content)]
    values = []
    for start in range(header + 1, len(content) - record + 2, record):
        at = start
        for width in widths:
            values.append(content[at : at + width])
            at += width
    return [word for word in names + values if not word.isascii()]


def _reads(word: bytes, encoding: str) -> bool:
    # a field is cut at its width, at times in the midst of a character: an unfinished end is no mistake
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(word, final=False)
    except UnicodeError:
        return False
    return True


def _declared_as_utf8(text: str) -> str:
    return re.sub(r"(<\?xml[^>]*encoding=)([\"'])[^\"']*\2", r"\1\2UTF-8\2", text, count=1)


def _unreadable(label: str, wished: str | None) -> Unusable:
    tried = wished or f"UTF-8, {CHINESE}"
    return Unusable(
        Fault(
            "file",
            f"文字不是 {tried} 编码",
            f"its text is not encoded in {tried}",
            "用 --encoding 指明编码",
            "name its encoding with --encoding",
            file=label,
        )
    )
