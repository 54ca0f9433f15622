"""Charts of failures over time, as SVG without a style or a script of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

import pygal

from pipcert_logs.scan.report import Span

SERIES = 7
"""So many colours can be told apart; what is left is one series more."""
_BARS = 62
_WIDTH, _HEIGHT, _LETTERS = 640, 260, 13
_LABELS = 5
_OTHERS = "others"


class Series(NamedTuple):
    """The failures of one cause or host, for each period."""

    name: str
    counts: tuple[int, ...]


class Chart(NamedTuple):
    """Failures by period and by what they have in common."""

    name: str
    unit: str
    """What a period is: day, week, month or year."""
    periods: tuple[str, ...]
    """The first day of each."""
    ends: tuple[str, ...]
    """The last day of each."""
    series: tuple[Series, ...]

    @property
    def svg(self) -> str:
        """The chart itself."""
        return _svg(self)


def chart(name: str, spans: Sequence[tuple[str, Span]]) -> Chart | None:
    """Return the chart of some spans, the greatest first; None where there are no days to show."""
    days = sorted({day for _, span in spans for day in span.days})
    if not days:
        return None
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    unit, periods = _periods(first, last)
    ends = [begin - timedelta(days=1) for begin in periods[1:]] + [last]
    begins = [begin.isoformat() for begin in periods]
    return Chart(
        name,
        unit,
        tuple(begins),
        tuple(end.isoformat() for end in ends),
        tuple(_series(spans, begins)),
    )


def _series(spans: Sequence[tuple[str, Span]], begins: Sequence[str]) -> Iterable[Series]:
    # With one more than there is room for, `others` would be that one.
    shown = len(spans) if len(spans) <= SERIES + 1 else SERIES
    for name, span in spans[:shown]:
        yield Series(name, _counts([span.days], begins))
    if spans[shown:]:
        yield Series(_OTHERS, _counts([span.days for _, span in spans[shown:]], begins))


def _counts(days: Iterable[Mapping[str, int]], begins: Sequence[str]) -> tuple[int, ...]:
    counts = [0] * len(begins)
    for by_day in days:
        for day, count in by_day.items():
            counts[max(at for at, begin in enumerate(begins) if begin <= day)] += count
    return tuple(counts)


def _periods(first: date, last: date) -> tuple[str, list[date]]:
    """Return the shortest periods of which there are not too many, and where each begins."""
    length = (last - first).days + 1
    if length <= _BARS:
        return "day", [first + timedelta(days=day) for day in range(length)]
    if length <= _BARS * 7:
        begin = first - timedelta(days=first.weekday())
        return "week", [
            begin + timedelta(days=7 * week) for week in range((last - begin).days // 7 + 1)
        ]
    months = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if (first.year, first.month) <= (year, month) <= (last.year, last.month)
    ]
    if len(months) <= _BARS:
        return "month", months
    return "year", [date(year, 1, 1) for year in range(first.year, last.year + 1)]


def _svg(chart: Chart) -> str:
    drawn = pygal.StackedBar(
        css=[],
        js=[],
        width=_WIDTH,
        height=_HEIGHT,
        margin=4,
        explicit_size=False,
        show_legend=False,
        order_min=0,  # half a failure is none
        rounded_bars=1,
        spacing=8,
        x_labels_major_count=min(_LABELS, len(chart.periods)),
        show_minor_x_labels=False,
        truncate_label=-1,
        value_formatter=lambda value: f"{value:,.0f}",
        style=pygal.style.Style(label_font_size=_LETTERS, major_label_font_size=_LETTERS),
    )
    drawn.uuid = chart.name
    drawn.x_labels = chart.periods
    for series in chart.series:
        drawn.add(series.name, series.counts)
    return _cleaned(drawn.render_tree(), chart)


def _cleaned(root: Element, chart: Chart) -> str:
    """Keep what is drawn; the page has its own style, and a policy against any other."""
    graph = root.find("./g[@class]")
    plot = None if graph is None else graph.find("./g")
    assert plot is not None
    kept = Element("svg", {"viewBox": root.get("viewBox", ""), "aria-hidden": "true"})
    kept.append(plot)
    for text in plot.iter("text"):
        text.attrib.pop("style", None)
    for place, group in enumerate(plot.iterfind("./g[@class]/g[@class='bars']")):
        _tell(group, chart, chart.series[place])
    return tostring(kept, encoding="unicode")


def _tell(bars: Element, chart: Chart, series: Series) -> None:
    """Say at each bar what it counts, and give it what a click needs to know."""
    for at, bar in enumerate(list(bars)):
        if not series.counts[at]:
            bars.remove(bar)
            continue
        for note in bar.findall("desc"):
            bar.remove(note)
        bar.set("data-series", series.name)
        bar.set("data-from", chart.periods[at])
        bar.set("data-to", chart.ends[at])
        SubElement(bar, "title").text = f"{chart.periods[at]}: {series.name}, {series.counts[at]:,}"
