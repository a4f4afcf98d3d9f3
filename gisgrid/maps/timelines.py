"""What gives a map a time: a slider through parts of a period, a replay of patrols; and what ties two maps together."""

from collections.abc import Sequence
from typing import Any

from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from gisgrid.maps.offline import put_block


class Told(JSCSSMixin, MacroElement):
    """What a script of ours does to a map, with data of its own."""

    act = ""
    _template = Template("""
        {% macro script(this, kwargs) %}
            gisgrid.{{ this.act }}({{ this._parent.get_name() }}, {{ this.block|tojson }});
        {% endmacro %}
    """)

    def __init__(self, value: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = self.act
        self.block = ""
        self.value = value

    def render(self, **kwargs: Any) -> str:
        """Put the data into the page as a JSON block, then the script."""
        self.block = put_block(self, self.value)
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


class Slider(Told):
    """Leads through parts of a period: the same shapes in other classes, with other figures.

    `parts` have a name and, by code of a cell, its class and the values of its card; the first is the whole period.
    """

    act = "slider"
    default_js = [("gisgrid_timeline", "timeline.js"), ("gisgrid_slider", "slider.js")]  # noqa: RUF012

    def __init__(self, parts: Sequence[dict[str, Any]], classes: Sequence[str]) -> None:
        super().__init__({"parts": parts, "classes": classes})


class Replay(Told):
    """Lets patrols walk again; see `tracks.replayed` for its data."""

    act = "replay"
    default_js = [("gisgrid_timeline", "timeline.js"), ("gisgrid_replay", "replay.js")]  # noqa: RUF012


class Heat(Told):
    """Unit squares by class, and what is known of the one under the pointer; see `heat.draw_heat` for its data."""

    act = "heat"
    default_js = [("gisgrid_heat", "heat.js")]  # noqa: RUF012


class Side(JSCSSMixin, MacroElement):
    """Two maps of a page that move together."""

    default_js = [("gisgrid_side", "side.js")]  # noqa: RUF012
    _template = Template("""
        {% macro script(this, kwargs) %}
            gisgrid.side([{% for each in this.maps %}{{ each.get_name() }}, {% endfor %}]);
        {% endmacro %}
    """)

    def __init__(self, maps: Sequence[MacroElement]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Side"
        self.maps = maps
