"""`pipcert-logs mcp`: the MCP server, over standard input and output."""

from __future__ import annotations

from pipcert_logs.cli.outcome import FINE, WRONG, complain
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules


def serve(packs: tuple[str, ...]) -> int:
    """Serve the program that started this one, until it hangs up."""
    try:
        import anyio
        from anyio import to_thread

        from pipcert_logs.server.tools import create
    except ImportError as error:
        complain(
            f"mcp takes packages that are not installed ({error.name}): pip install '.[server]'"
        )
        return WRONG
    try:
        rules = Rules.load(*packs)
    except RuleError as error:
        complain(str(error))
        return WRONG
    anyio.run(create(to_thread.run_sync, packs, rules).run_stdio_async)
    return FINE
