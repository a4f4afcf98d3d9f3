"""The notice that everybody sees before they are first signed on; its text is data, its figures are the settings'."""

from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from gisgrid.patrols.duty.shifts import LONGEST
from gisgrid.settings import Settings

FILE: Final = Path(__file__).with_name("notice.md")
BETWEEN: Final = "===\n"


class Notice(NamedTuple):
    """The text in both languages, as Markdown. Another text, or another figure in it, is another version."""

    version: str
    zh: str
    en: str


def notice(settings: Settings) -> Notice:
    """Return the notice as it stands today."""
    day, zh, en = FILE.read_text(encoding="utf-8").split(BETWEEN)
    figures = {
        "longest_hours": LONGEST.total_seconds() // 3600,
        "withheld_hours": settings.withheld_hours,
        "fix_days": settings.fix_days,
        "evidence_days": settings.evidence_days,
    }
    told = [text.strip().format_map({name: f"{figure:.0f}" for name, figure in figures.items()}) for text in (zh, en)]
    return Notice(f"{day.strip()}-{sha256(BETWEEN.join(told).encode()).hexdigest()[:8]}", *told)
