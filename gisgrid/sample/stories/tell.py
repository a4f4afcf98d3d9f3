"""Which stories there are, and telling one of them."""

from collections.abc import Callable
from typing import Any, Final, Literal

from gisgrid.database import make_engine
from gisgrid.migrations import require_current
from gisgrid.sample.stories.dispute import dispute
from gisgrid.sample.stories.operation import operation
from gisgrid.sample.stories.rescue import rescue
from gisgrid.sample.stories.room import ROOM
from gisgrid.sample.stories.stage import Stage, Tell
from gisgrid.settings import Settings

Story = Literal["rescue", "dispute", "operation"]

STORIES: Final[dict[Story, Callable[[Stage], Any]]] = {
    "rescue": lambda stage: rescue(stage, ROOM),
    "dispute": dispute,
    "operation": operation,
}


def tell_story(settings: Settings, story: Story, line: Tell) -> None:
    """Tell a story against the database of the settings, line by line as it happens.

    Raises InRealUse, NoActors, NoGrid.
    """
    engine = make_engine(settings.database_url)
    try:
        require_current(engine)
        STORIES[story](Stage(engine, settings, line))
    finally:
        engine.dispose()
