"""Words for the three levels, as offices write them in fields and file names."""

import re
from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "street": ("street", "streets", "subdistrict", "街道", "镇街", "大网", "jiedao", "jd"),
    "community": ("community", "communities", "社区", "居委会", "中网", "shequ", "sq"),
    "substation": (
        *("substation", "substations", "工作分站", "分站", "小网", "单元网格", "网格"),
        *("grid", "cell", "cells", "fenzhan", "wangge", "wg"),
    ),
}
CODE_LENGTHS: Final[dict[str, int]] = {"street": 9, "community": 12, "substation": 15}
"""Digits of an official code: 6 county + 3 street, + 3 community, + 3 sequence."""

_RANKS: Final = {"1": "street", "2": "community", "3": "substation"}
_LEVEL_OF: Final = {word: level for level, words in WORDS.items() for word in words}


def level_of_word(word: str) -> str | None:
    """Return the level that one word names, or None."""
    return _LEVEL_OF.get(word.strip().casefold())


def level_of_value(value: str) -> str | None:
    """Return the level that the value of a level field names; 1, 2, 3 count from the street down."""
    return level_of_word(value) or _RANKS.get(value.strip())


def level_in_name(name: str) -> str | None:
    """Return the level a file or layer name speaks of: the last word counts (葵涌街道网格 are 网格)."""
    plain = name.casefold()
    best: tuple[int, int] = (-1, 0)
    level = None
    for word, its_level in _LEVEL_OF.items():
        for match in re.finditer(_pattern(word), plain):
            if (match.end(), len(word)) > best:
                best, level = (match.end(), len(word)), its_level
    return level


def _pattern(word: str) -> str:
    # a Latin word counts only when no letter touches it: "sq" is not in "sqlite"
    return rf"(?<![a-z]){word}(?![a-z])" if word.isascii() else re.escape(word)


def level_of_code(code: str) -> str | None:
    """Return the level whose official codes have as many digits, or None."""
    if not (code.isascii() and code.isdigit()):
        return None
    return next((level for level, length in CODE_LENGTHS.items() if length == len(code)), None)
