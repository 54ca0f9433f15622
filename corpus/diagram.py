"""The reliability diagram: what was stated against what was right, drawn as SVG."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.reliability import READINGS, Group

_SIDE, _LEFT, _TOP, _STEP = 200, 40, 30, 250
_STYLE = (
    "text{font:12px sans-serif;fill:#666}"
    ".axis{fill:none;stroke:#999}.even{stroke:#bbb;stroke-dasharray:4}"
    ".exact{fill:#1f6feb;stroke:#1f6feb}.kind{fill:none;stroke:#bf6a02;stroke-width:1.5}"
)


def draw(groups: Mapping[str, Group]) -> str:
    """Draw one panel for each group of answers."""
    width = _LEFT + _STEP * len(groups)
    panels = "".join(
        f'<g transform="translate({_LEFT + _STEP * place},{_TOP})">\n{_panel(name, group)}</g>\n'
        for place, (name, group) in enumerate(groups.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_TOP + _SIDE + 40}">\n'
        f"<style>{_STYLE}</style>\n{panels}</svg>\n"
    )


def _panel(name: str, group: Group) -> str:
    marks = "".join(_marks(part) for _, part in group.classes())
    return (
        f'<rect class="axis" width="{_SIDE}" height="{_SIDE}"/>\n'
        f'<line class="even" x1="0" y1="{_SIDE}" x2="{_SIDE}" y2="0"/>\n'
        f'<text x="0" y="-10">{name}</text>\n'
        f'<text x="0" y="{_SIDE + 16}">0</text><text x="{_SIDE - 8}" y="{_SIDE + 16}">1</text>\n'
        f'<text x="60" y="{_SIDE + 30}">stated probability</text>\n'
        f'<text x="-12" y="8">1</text><text x="-12" y="{_SIDE}">0</text>\n'
        f'<text transform="translate(-20,120) rotate(-90)">right</text>\n{marks}'
    )


def _marks(part: Group) -> str:
    """A dot with its interval for what is exactly right, a ring for what is right in kind."""
    exact, kind = READINGS["exact"], READINGS["in kind"]
    x = part.stated() * _SIDE
    low, high = (_y(share) for share in part.interval(exact))
    return (
        f'<line class="exact" x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}"/>\n'
        f'<circle class="exact" cx="{x:.1f}" cy="{_y(part.mean(exact)):.1f}" r="3"/>\n'
        f'<circle class="kind" cx="{x:.1f}" cy="{_y(part.mean(kind)):.1f}" r="5"/>\n'
    )


def _y(share: float) -> float:
    return _SIDE * (1 - share)
