"""By what way word of an incident came, and which of them are the public's: their reports are verified first."""

from typing import Final, Literal, get_args

Source = Literal["patrol", "staff", "phone", "walk_in", "hotline", "citizen", "superior", "media", "alarm"]

SOURCES: Final[dict[Source, tuple[str, str]]] = {
    "patrol": ("巡查发现", "found on patrol"),
    "staff": ("工作人员上报", "reported by staff"),
    "phone": ("来电", "telephone call"),
    "walk_in": ("来访", "walk-in"),
    "hotline": ("12345 热线", "hotline 12345"),
    "citizen": ("公众上报", "citizen's app"),
    "superior": ("上级交办", "from above"),
    "media": ("媒体曝光", "media"),
    "alarm": ("紧急呼救", "call for help"),
}
PUBLIC: Final = frozenset[Source]({"phone", "walk_in", "hotline", "citizen", "media"})
"""What somebody of the office confirms before it is filed."""

if set(SOURCES) != set(get_args(Source)):
    raise AssertionError("a source without a name")
