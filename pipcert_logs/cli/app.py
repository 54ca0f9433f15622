"""`explain` as typer sees it: one definition, for `pipcert-explain` and `pipcert-logs explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from pipcert_logs.cli.explain import explain as run
from pipcert_logs.cli.explain import show_version
from pipcert_logs.cli.outcome import guard
from pipcert_logs.cli.request import Format, Request, Shell

EXAMPLES = """\b
Examples:
  pip install demo 2>&1 | pipcert-explain
  pipcert-explain build.log
  pipcert-explain --format json build.log | jq .causes
  pipcert-explain --format markdown build.log > comment.md
  pipcert-explain -q --exit-zero - < build.log
  pipcert-explain --context clock=right --context os=windows build.log

\b
Exit codes:
  0  nothing failed, or what failed recovered
  1  a failure was found, explained or not
  2  wrong arguments or rules, or an input that cannot be read
  130  interrupted; what came so far is explained
"""


MoreRules = Annotated[
    list[str] | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        help="More rules, a folder or an installed pack; may be given again.",
    ),
]
BesideLog = Annotated[
    list[str] | None,
    typer.Option(
        "--context",
        metavar="QUESTION=ANSWER",
        help="What is known beside the log, such as clock=right; @FILE for what was printed.",
    ),
]
ForShell = Annotated[
    Shell | None, typer.Option("--shell", help="Commands for this shell, not this machine's.")
]


def _version(wanted: bool) -> None:
    if wanted:
        raise typer.Exit(guard(show_version, "pipcert-explain"))


def explain(
    logs: Annotated[
        list[str] | None,
        typer.Argument(metavar="LOG", help="Logs; standard input where none is named, or -."),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="How to write the report; json: an object, of several logs a list of objects.",
        ),
    ] = Format.TEXT,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Do not pass standard input on.")
    ] = False,
    rules: MoreRules = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 where a failure was found.")
    ] = False,
    shell: ForShell = None,
    context: BesideLog = None,
    _show_version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Explain why pip could not download, from what it printed.

    What comes on standard input is passed on as it comes; the report follows when it has ended.
    """
    request = Request(
        tuple(logs or ()),
        form,
        quiet,
        tuple(rules or ()),
        exit_zero,
        shell,
        tuple(context or ()),
    )
    raise typer.Exit(guard(run, request))


explain_app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)
explain_app.command(epilog=EXAMPLES)(explain)
