"""How an answer of Open311 is written: the same value as JSON or as XML, by the ending of the address.

In XML a field is an element, a list one of elements that all have the name of one, and None an empty one. Pure.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from xml.etree import ElementTree

Format = Literal["json", "xml"]

MEDIA: Final[dict[Format, str]] = {"json": "application/json", "xml": "text/xml"}
ONE_OF: Final = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "attributes": "attribute",
}
"""What one element of a list is called."""
NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold, not even escaped."""
REPLACEMENT: Final = "\ufffd"


def written(form: Format, root: str, value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Return a value in UTF-8; `root` is the name of the outermost element in XML, which JSON leaves out.

    A value is an object, a list, or what they hold: text, numbers, True, False and None.
    """
    if form == "json":
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    made = ElementTree.Element(root)
    _fill(made, value)
    found: bytes = ElementTree.tostring(made, encoding="UTF-8", xml_declaration=True)
    return found


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, each in value.items():
            _fill(ElementTree.SubElement(element, name), each)
    elif isinstance(value, list | tuple):
        for each in value:
            _fill(ElementTree.SubElement(element, ONE_OF[element.tag]), each)
    elif value is not None:
        element.text = NO_XML.sub(REPLACEMENT, _text(value))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
