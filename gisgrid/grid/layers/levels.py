"""Words for the three levels, as offices write them in fields and file names."""

import re
from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "street": (
        "street",
        "streets",
        "subdistrict",
        "街道",
        "镇街",
        "大网",
        "大网格",
        "一级网格",
        "1级网格",
        "jiedao",
        "jd",
    ),
    "community": ("community", "communities", "社区", "居委会", "中网", "中网格", "二级网格", "2级网格", "shequ", "sq"),
    "substation": (
        *("substation", "substations", "工作分站", "分站", "小网", "小网格", "三级网格", "3级网格", "单元网格", "网格"),
        *("grid", "cell", "cells", "fenzhan", "wangge", "wg"),
    ),
}
CODE_LENGTHS: Final[dict[str, int]] = {"street": 9, "community": 12, "substation": 15}
"""Digits of an official code: 6 county + 3 street, + 3 community, + 3 sequence."""

ACCEPTED: Final = "街道/社区/分站、一级/二级/三级、1/2/3、大网格/中网格/小网格、street/community/substation"
"""What the values of a level field may be, for people."""

_RANK: Final = re.compile(r"第?([1-3一二三])级?(?:网格|网)?|([1-3])\.0")
_RANKS: Final = dict(zip("123一二三", ("street", "community", "substation") * 2, strict=True))
_LEVEL_OF: Final = {word: level for level, words in WORDS.items() for word in words}


def level_of_word(word: str) -> str | None:
    """Return the level that one word names, or None."""
    return _LEVEL_OF.get(word.strip().casefold())


def level_of_value(value: str) -> str | None:
    """Return the level that the value of a level field names; 1, 2, 3 count from the street down."""
    plain = value.strip()
    ranked = _RANK.fullmatch(plain)
    if ranked is not None:
        return _RANKS[ranked[1] or ranked[2]]
    return level_of_word(plain) or level_of_word(plain.removesuffix("级"))


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
