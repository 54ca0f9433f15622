"""What a log says about the machine and the programs, beside its failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from pipcert_logs.diagnose.urls import Url, parse_urls
from pipcert_logs.diagnose.versions import ANY_VERSION, NUMBERS, VersionRange
from pipcert_logs.match.hit import Hit

_SURROUNDING = ("context", "progress", "other-error")
_MAX_URLS = 64


class Facts(Struct, frozen=True):
    """Facts of a whole log; what it does not say is None, empty or the range of all versions."""

    tools: dict[str, str | None] = {}
    pip: VersionRange = ANY_VERSION
    python: VersionRange = ANY_VERSION
    python_stated: str | None = None
    python_from: str | None = None
    os: str | None = None
    shell: str | None = None
    ci: str | None = None
    indexes: tuple[Url, ...] = ()
    links: tuple[Url, ...] = ()
    signals: frozenset[str] = frozenset()


def gather(hits: Iterable[Hit], pythons_by_ssl_line: Mapping[int, tuple[str, ...]]) -> Facts:
    """Put together what all the hits of a log say."""
    hits = list(hits)
    python, python_from = _python(hits, pythons_by_ssl_line)
    return Facts(
        tools=_tools(hits),
        pip=_range(hits, "pip"),
        python=_range(hits, "python").narrowed(VersionRange.parse(python or "")),
        python_stated=python,
        python_from=python_from,
        os=_majority(hit.signal.facts.os for hit in hits),
        shell=_majority(hit.signal.facts.shell for hit in hits),
        ci=_majority(hit.signal.facts.ci for hit in hits),
        indexes=_urls(hits, "index"),
        links=_urls(hits, "links"),
        signals=frozenset(hit.signal.id for hit in surrounding(hits)),
    )


def surrounding(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the hits that are about the log as a whole."""
    return (hit for hit in hits if hit.signal.role in _SURROUNDING and not hit.signal.probed)


def _tools(hits: list[Hit]) -> dict[str, str | None]:
    """Tools in the order of their frames, with the version that the log states first."""
    tools: dict[str, str | None] = {}
    for hit in hits:
        if hit.signal.facts.tool:
            tools.setdefault(hit.signal.facts.tool, None)
            version = hit.captures.get("tool_version")
            if version and not tools[hit.signal.facts.tool]:
                tools[hit.signal.facts.tool] = version
    pip = _first(hits, "pip_version")
    if pip and not tools.get("pip"):
        tools["pip"] = pip
    return tools


def _python(
    hits: list[Hit], pythons_by_ssl_line: Mapping[int, tuple[str, ...]]
) -> tuple[str | None, str | None]:
    for hit in hits:
        stated = hit.captures.get("python_version")
        if stated:
            return _dotted(stated), f"line {hit.line}: {hit.signal.states}"
    for hit in hits:
        number = hit.captures.get("ssl_line", "")
        pythons = pythons_by_ssl_line.get(int(number), ()) if number.isdigit() else ()
        if len(pythons) == 1:
            return pythons[0], f"line {hit.line}: _ssl.c:{number} belongs to Python {pythons[0]}"
    return None, None


def _dotted(version: str) -> str:
    """'311' of a file name's tag means 3.11; what follows the numbers (b1, .dev0) is left out."""
    numbers = NUMBERS.match(version)
    version = numbers[0] if numbers else version
    return version if "." in version or len(version) < 2 else f"{version[0]}.{version[1:]}"


def _range(hits: list[Hit], name: str) -> VersionRange:
    stated = _first(hits, f"{name}_version")
    found = VersionRange.parse(_dotted(stated)) if stated else ANY_VERSION
    for hit in hits:
        bound = getattr(hit.signal.facts, name)
        if bound:
            found = found.narrowed(VersionRange.parse(bound))
    return found


def _first(hits: list[Hit], capture: str) -> str | None:
    return next((hit.captures[capture] for hit in hits if hit.captures.get(capture)), None)


def _majority(values: Iterable[str | None]) -> str | None:
    counts = Counter(value for value in values if value).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def _urls(hits: list[Hit], capture: str) -> tuple[Url, ...]:
    stated = (hit.captures[capture] for hit in hits if capture in hit.captures)
    found = (url for text in stated for url in parse_urls(text))
    return tuple(dict.fromkeys(found))[:_MAX_URLS]
