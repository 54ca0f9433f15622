"""The subcommands of `pipcert-logs`, as typer sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipcert_logs.cli import app as explain_command
from pipcert_logs.cli.corpus import CheckFormat
from pipcert_logs.cli.explain import show_version
from pipcert_logs.cli.outcome import guard
from pipcert_logs.cli.request import Format
from pipcert_logs.cli.scan_engine import EngineName, Where
from pipcert_logs.cli.scan_writing import Form

PROBE_CODES = """\b
Exit codes:
  0  nothing wrong was found, or what the log tells of recovered
  1  a failure was found, explained or not
  2  wrong arguments, or a Python, a log or a file that cannot be used
"""

SCAN_CODES = """\b
Exit codes:
  0  nothing failed, or what failed recovered
  1  failures were found
  2  wrong arguments, or something could not be read or kept; it is named
  130  interrupted; with --store, what was done is kept, and the next call goes on
"""

SERVE_LIMITS = """\b
A token is read from --token-file or from PIPCERT_TOKEN; without one the server listens for
this machine alone. What is beyond a limit is answered with 408, 413, 429 or 503 at once.
"""

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"max_content_width": 100},
)
rules_app = typer.Typer(no_args_is_help=True, help="Check rules, and help to write them.")
corpus_app = typer.Typer(no_args_is_help=True, help="Measure the rules on labelled logs.")
app.command(epilog=explain_command.EXAMPLES)(explain_command.explain)


def _floor(words: str) -> Any:
    return typer.Option(min=0, max=1, metavar="SHARE", help=words)


def _version(wanted: bool) -> None:
    if wanted:
        raise typer.Exit(guard(show_version, "pipcert-logs"))


@app.callback()
def common(
    _show_version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Explain why pip could not download, and keep the knowledge that it takes."""


@app.command(epilog=PROBE_CODES)
def probe(
    host: Annotated[
        str, typer.Argument(metavar="HOST[:PORT]", help="The host, or a page's https:// address.")
    ],
    log: Annotated[
        str | None, typer.Option("--log", metavar="LOG", help="A log of the failure; - for input.")
    ] = None,
    python: Annotated[
        str | None,
        typer.Option("--python", metavar="PYTHON", help="The Python whose pip failed."),
    ] = None,
    write_root: Annotated[
        Path | None,
        typer.Option("--write-root", metavar="FILE", help="Write the topmost certificate, as PEM."),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="How to write the report.")
    ] = Format.TEXT,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, metavar="SECONDS", help="For each connection.")
    ] = 10.0,
    rules: explain_command.MoreRules = None,
    shell: explain_command.ForShell = None,
) -> None:
    """Look at a host as pip meets it, and say what that confirms or refutes.

    Nothing is changed, and nothing is sent to any other host but the proxy that pip would use.
    """
    from pipcert_logs.cli.probe import Wanted, run

    wanted = Wanted(host, log, python, write_root, form, timeout, tuple(rules or ()), shell)
    raise typer.Exit(guard(run, wanted))


@app.command(epilog=SCAN_CODES)
def scan(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH|URL", help="Folders, files, wildcards, archives, URLs."),
    ] = None,
    files_from: Annotated[
        str | None,
        typer.Option(
            "--files-from",
            metavar="LIST",
            help="A list of more, one a line or separated by NUL; - for input.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            "--layout",
            metavar="TEMPLATE",
            help="What paths say: {project}, {job}, {build} and {date}, * and **/.",
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write the report.")] = Form.TEXT,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="FILE", help="Keep what was seen; read only what is new."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; one for each core.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option("--engine", help="This machine, or a Dask cluster.")
    ] = EngineName.LOCAL,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="The cluster's, for --engine dask."),
    ] = None,
    rules: explain_command.MoreRules = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 where a failure was found.")
    ] = False,
) -> None:
    """Scan archives of logs: which causes, at which hosts, in which jobs, since when."""
    from pipcert_logs.cli.scan import Wanted
    from pipcert_logs.cli.scan import scan as run_scan

    wanted = Wanted(
        tuple(paths or ()),
        files_from,
        layout,
        form,
        output,
        store,
        Where(engine, scheduler, jobs),
        tuple(rules or ()),
        exit_zero,
    )
    raise typer.Exit(guard(run_scan, wanted))


@app.command()
def trends(
    store: Annotated[str, typer.Argument(metavar="STORE", help="What `scan --store` wrote.")],
    form: Annotated[Form, typer.Option("--format", help="How to write the report.")] = Form.TEXT,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = None,
    rules: explain_command.MoreRules = None,
) -> None:
    """Report from a store alone: what is new, what gets worse."""
    from pipcert_logs.cli.scan import trends as run_trends

    raise typer.Exit(guard(run_trends, store, form, output, tuple(rules or ())))


@app.command(epilog=SERVE_LIMITS)
def serve(
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; by default for this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="At which port.")] = 8080,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; one for each core.")
    ] = None,
    token_file: Annotated[
        str | None,
        typer.Option("--token-file", metavar="FILE", help="The token that clients have to show."),
    ] = None,
    expose: Annotated[
        bool,
        typer.Option(
            "--expose-without-token",
            help="Let everybody who reaches the address have logs explained.",
        ),
    ] = False,
    max_body: Annotated[
        int, typer.Option("--max-body", min=1, metavar="MB", help="Of a request.")
    ] = 10,
    max_unpacked: Annotated[
        int, typer.Option("--max-unpacked", min=1, metavar="MB", help="Of a log that is packed.")
    ] = 64,
    seconds: Annotated[
        float, typer.Option("--timeout", min=1, metavar="SECONDS", help="To come; to answer.")
    ] = 20.0,
    in_flight: Annotated[
        int, typer.Option("--in-flight", min=1, metavar="N", help="Requests at the same time.")
    ] = 64,
    rate: Annotated[
        int, typer.Option("--rate", min=0, metavar="N", help="Of one client a minute; 0 for any.")
    ] = 600,
    rules: explain_command.MoreRules = None,
) -> None:
    """Explain logs over HTTP, for bots and for people: /v1/explain, and a page at /."""
    from pipcert_logs.cli.serve import Wanted
    from pipcert_logs.cli.serve import serve as run_server

    wanted = Wanted(
        *(host, port, workers, token_file, expose, max_body, max_unpacked, seconds, in_flight),
        *(rate, tuple(rules or ())),
    )
    raise typer.Exit(guard(run_server, wanted))


@app.command()
def mcp(rules: explain_command.MoreRules = None) -> None:
    """Explain logs to a language model, by MCP over standard input and output."""
    from pipcert_logs.cli.mcp import serve as run_mcp

    raise typer.Exit(guard(run_mcp, tuple(rules or ())))


@app.command()
def causes(
    cause: Annotated[str | None, typer.Argument(metavar="ID", help="A cause, or a remedy.")] = None,
    rules: Annotated[
        list[Path] | None, typer.Option("--rules", metavar="DIR", help="More rules.")
    ] = None,
) -> None:
    """List the causes that are known, or tell all about one, or about a remedy."""
    from pipcert_logs.cli.causes import tell

    raise typer.Exit(guard(tell, cause, tuple(rules or ())))


@rules_app.command("check")
def rules_check(
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Rules to check with the built-in ones.")
    ] = None,
) -> None:
    """Hold rules to their own examples, and to all others'."""
    from pipcert_logs.cli.rules import check_rules

    raise typer.Exit(guard(check_rules, directory))


@rules_app.command("schema")
def rules_schema(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="Such as signals, causes or report.")
    ] = None,
) -> None:
    """Print the JSON Schema of one kind of file, or of all kinds."""
    from pipcert_logs.cli.rules import print_schema

    raise typer.Exit(guard(print_schema, kind))


@rules_app.command("new")
def rules_new(
    line: Annotated[
        str | None, typer.Argument(metavar="LINE", help="As printed; else standard input.")
    ] = None,
) -> None:
    """Print the skeleton of a signal that recognises a pasted line."""
    from pipcert_logs.cli.rules import new_rule

    raise typer.Exit(guard(new_rule, line))


@corpus_app.command("check")
def corpus_check(
    directories: Annotated[
        list[Path], typer.Argument(metavar="DIR", help="Folders of NAME.log and NAME.toml.")
    ],
    min_first: Annotated[float | None, _floor("Least share of right first causes.")] = None,
    max_not: Annotated[float | None, _floor("Most answers that are plainly wrong.")] = None,
    min_controls: Annotated[float | None, _floor("Least share of clean controls.")] = None,
    min_hosts: Annotated[float | None, _floor("Least share of hosts matched.")] = None,
    form: Annotated[
        CheckFormat, typer.Option("--format", help="How to write the scores.")
    ] = CheckFormat.TEXT,
    misses: Annotated[bool, typer.Option("--misses", help="Print the misses only.")] = False,
) -> None:
    """Explain every log of a corpus and compare with its label; fail below a floor."""
    from pipcert_logs.cli.corpus import Floors, check

    floors = Floors(min_first, max_not, min_controls, min_hosts)
    raise typer.Exit(guard(check, directories, floors, form, only_misses=misses))


app.add_typer(rules_app, name="rules")
app.add_typer(corpus_app, name="corpus")
