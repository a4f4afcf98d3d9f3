"""A bar chart as SVG: text stays text, nothing to install."""

from collections.abc import Sequence
from html import escape
from math import log10
from typing import Final, NamedTuple

LEFT, WIDTH, LINE, TOP = 250, 520, 24, 46
RIGHT: Final = 190
EMPTY: Final = "–"

OURS, PEER, WRONG = "#0b6e4f", "#6b7a8f", "#b3541e"
STYLE: Final = "text{font:13px sans-serif;fill:#222}.small{font-size:11px;fill:#555}.title{font-weight:bold}"


class Scale(NamedTuple):
    """What bars tell, and the values at the two ends of the logarithmic scale."""

    heading: str
    lowest: float
    highest: float


JOIN: Final = Scale("百万点 / CPU 秒，对数刻度 — million points per CPU second, logarithmic", 0.01, 10_000.0)


class Bar(NamedTuple):
    """A way, its rate (None: not measured), and a remark, which marks it."""

    name: str
    rate: float | None
    note: str


def plot(panels: Sequence[tuple[str, Sequence[Bar]]], scale: Scale = JOIN) -> str:
    """Return panels of bars, one below the other, on one logarithmic scale."""
    parts, y = [], 34
    for title, bars in panels:
        parts.append(_panel(title, bars, y, scale))
        y += TOP + LINE * len(bars) + 34
    size = f'width="{LEFT + WIDTH + RIGHT}" height="{y}" viewBox="0 0 {LEFT + WIDTH + RIGHT} {y}"'
    heading = scale.heading
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{heading}"><style>{STYLE}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/><text x="12" y="24" class="title">{heading}</text>'
        f"{''.join(parts)}</svg>\n"
    )


def _panel(title: str, bars: Sequence[Bar], y: int, scale: Scale) -> str:
    begin = y + TOP
    end = begin + LINE * len(bars)
    lines = []
    for power in range(round(log10(scale.lowest)), round(log10(scale.highest)) + 1):
        x = _x(10.0**power, scale)
        lines.append(f'<path d="M{x} {begin - 4}V{end}" stroke="#ddd"/>')
        lines.append(f'<text x="{x}" y="{end + 15}" class="small" text-anchor="middle">{10.0**power:g}</text>')
    drawn = (_bar(bar, begin + LINE * number, scale) for number, bar in enumerate(bars))
    return f'<text x="12" y="{y + 28}" class="title">{escape(title)}</text>{"".join(lines)}{"".join(drawn)}'


def _bar(bar: Bar, y: int, scale: Scale) -> str:
    label = f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(bar.name)}</text>'
    end = LEFT if bar.rate is None else max(_x(bar.rate, scale), LEFT + 1)
    colour = WRONG if bar.note else OURS if bar.name.startswith("gisgrid") else PEER
    value = short(bar.rate)
    remark = f' <tspan class="small">{escape(bar.note)}</tspan>' if bar.note else ""
    return (
        f'{label}<rect x="{LEFT}" y="{y + 3}" width="{end - LEFT:.1f}" height="{LINE - 7}" fill="{colour}"/>'
        f'<text x="{end + 6:.1f}" y="{y + 15}">{value}{remark}</text>'
    )


def short(value: float | None) -> str:
    """Return three digits that count; no more are known."""
    if value is None:
        return EMPTY
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _x(rate: float, scale: Scale) -> float:
    share = log10(rate / scale.lowest) / log10(scale.highest / scale.lowest)
    return round(LEFT + WIDTH * min(max(share, 0.0), 1.0), 1)
