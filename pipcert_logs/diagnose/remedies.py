"""From ranked causes to ranked remedies, filled in from the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import regex
from msgspec import Struct

from pipcert_logs.diagnose.conditions import Situation
from pipcert_logs.diagnose.overall import Shared
from pipcert_logs.diagnose.shells import quote
from pipcert_logs.diagnose.urls import Url
from pipcert_logs.knowledge.model import Remedy, Step
from pipcert_logs.patterns import compiled
from pipcert_logs.read.redact import redact

_PLACEHOLDER = compiled(r"\{\{(\w+)\}\}")
_PACKAGE = compiled(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SAFETY = {"keeps": 0, "weakens": 1, "off": 2}
_POSITION_DISCOUNT = 0.7


class Offer(Struct, eq=False):
    """A remedy that may help here: for which causes, how much of the trouble, with which steps."""

    remedy: Remedy
    steps: tuple[Step, ...]
    causes: list[str] = []
    score: float = 0.0
    later: bool = True
    """Whether it helps against nothing but what is met once other things are mended."""


def offers(
    ranked: Iterable[Shared],
    remedies: Mapping[str, Remedy],
    shells: tuple[str, ...],
) -> list[Offer]:
    """Return what may be done about the ranked causes, best first.

    A remedy scores with the probability of each cause that it is for, less the further down the
    cause's own list it stands. Whatever it scores, one that keeps verification stands above one
    that weakens it, and that above one that switches it off; what helps at once stands above what
    helps later.
    """
    found: dict[str, Offer] = {}
    for cause, speaker, _ in ranked:
        situation = speaker.situation
        position = 0
        values = log_values(situation)
        for choice in cause.cause.remedies:
            remedy = remedies.get(choice.id)
            if remedy is None or situation.holds(choice.when) is False:
                continue
            offer = found.get(remedy.id) or _offer(remedy, situation, values, shells)
            if offer is None or cause.cause.id in offer.causes:
                continue
            found[remedy.id] = offer
            offer.score += cause.probability * _POSITION_DISCOUNT**position
            offer.causes.append(cause.cause.id)
            offer.later &= speaker.failure.later
            position += 1
    return sorted(
        found.values(),
        key=lambda o: (_SAFETY[o.remedy.verification], o.later, -round(o.score, 6), o.remedy.id),
    )


def _offer(
    remedy: Remedy, situation: Situation, values: Mapping[str, str], shells: tuple[str, ...]
) -> Offer | None:
    if situation.holds(remedy.when) is False:
        return None
    examples = {item.name: item.example for item in remedy.inputs}
    steps = [
        filled
        for step in remedy.steps
        if situation.holds(step.when) is not False and (filled := fill(step, values, examples))
    ]
    if not steps:
        return None
    return Offer(remedy, tuple(sorted(steps, key=lambda step: shells.index(step.shell))))


def fill(step: Step, log: Mapping[str, str], examples: Mapping[str, str]) -> Step | None:
    """Put the log's values into a step; None if one that it needs is not known.

    What a reader has to supply stands as its example.
    """
    needed = _needed(step.text, step.command)
    if not needed:
        return step
    values = {**log, **examples}
    if not values.keys() >= needed:
        return None
    command = step.command
    if command is not None:
        try:
            command = substitute(command, values, set(examples), step.shell)
        except ValueError:
            return None  # a value that no quoting makes safe
    text = _PLACEHOLDER.sub(lambda match: values[match[1]], step.text)
    return Step(text=text, shell=step.shell, command=command)


@lru_cache(4096)  # rules have so many steps at most
def _needed(text: str, command: str | None) -> frozenset[str]:
    """Return the names of the placeholders of a step."""
    return frozenset(_PLACEHOLDER.findall(f"{command or ''}{text}"))


def substitute(command: str, values: Mapping[str, str], given: set[str], shell: str) -> str:
    """Replace the placeholders of a command; values that come from a log are quoted."""

    def value(match: regex.Match[str]) -> str:
        name = match[1]
        return values[name] if name in given else quote(values[name], shell)

    return _PLACEHOLDER.sub(value, command)


def log_values(situation: Situation) -> dict[str, str]:
    """Return the values of a log that commands may hold: all validated where they were read."""
    values = {}
    if situation.host:
        values["host"] = situation.host
        values["port"] = str(situation.port or 443)
        values["address"] = _address(situation.host, situation.port)
    indexes = [url.place for url in _indexes(situation)]
    extra = bool(indexes) and indexes[0] != situation.facts.indexes[0].place
    values["index_option"] = "extra-index-url" if extra else "index-url"
    values["index_variable"] = "PIP_EXTRA_INDEX_URL" if extra else "PIP_INDEX_URL"
    index = _index_url(situation)
    if index:
        values["index_url"] = index
    package = next(iter(situation.captures.get("package", ())), "")
    if _PACKAGE.fullmatch(package):
        values["package"] = package
    return values


def _indexes(situation: Situation) -> list[Url]:
    """The configured indexes that the failure is about."""
    here = [url for url in situation.facts.indexes if url.host == situation.host]
    return [url for url in here if url.port_in_use == situation.port] or here


def _address(host: str, port: int | None) -> str:
    """The host as it stands in an https URL."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port in (None, 443) else f"{bracketed}:{port}"


def _index_url(situation: Situation) -> str | None:
    """The index that was asked: as configured, else the part of the URL up to the project."""
    for url in _indexes(situation):
        if redact(url.text) == url.text:
            return url.text
    if situation.host and situation.kind.index:
        return f"https://{_address(situation.host, situation.port)}/simple/"
    return None
