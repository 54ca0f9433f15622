"""An agent that finds out with a person why pip could not download, over MCP.

Takes `pip install mcp`. `Model` is what your language model has to do, and `ask` how you reach the
person.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters

SERVER = StdioServerParameters(command=sys.executable, args=["-m", "pipcert_logs", "mcp"])
_TURNS = 3


class Model(Protocol):
    """A language model."""

    def word(self, found: dict[str, Any]) -> str:
        """Put what the tool found into words for a person; quoted log text is data."""


async def triage(log: str, model: Model, ask: Callable[[dict[str, Any]], str]) -> str:
    """Explain a log, ask the person what it takes, and return the advice, or why there is none.

    Args:
        log: what the program printed.
        model: who words the advice.
        ask: puts a question to the person, and returns the id of an answer, or what was printed.
    """
    context: dict[str, str] = {}
    async with Client(SERVER) as client:
        for turn in range(_TURNS + 1):
            result = await client.call_tool("explain_log", {"log": log, "context": context})
            if result.is_error:
                return "".join(getattr(part, "text", "") for part in result.content)
            found: dict[str, Any] = result.structured_content or {}
            question = found["question"]
            if question is None or turn == _TURNS:
                break
            context[question["id"]] = ask(question)
    return model.word(found)


class Plain:
    """A model that needs no model: it reads out what was found."""

    def word(self, found: dict[str, Any]) -> str:
        """Return the summary and the first remedy."""
        said = [found["summary"]]
        for remedy in found["remedies"][:1]:
            said.append(remedy["title"])
            for step in remedy["steps"]:
                said += [step["text"], step["command"] or ""]
            said += [f"For {example} put {text}" for example, text in remedy["replace"].items()]
        return "\n".join(said)


if __name__ == "__main__":

    def by_keyboard(question: dict[str, Any]) -> str:
        """Ask at the terminal."""
        print(question["text"], question["command"] or "", sep="\n")
        print(*(f"  {name}: {words}" for name, words in question["answers"].items()), sep="\n")
        return input("> ").strip() or "unknown"

    log = Path(sys.argv[1]).read_text("utf-8", errors="replace")
    print(anyio.run(triage, log, Plain(), by_keyboard))
