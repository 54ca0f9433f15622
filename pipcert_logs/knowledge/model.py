"""The typed form of the rule files: what a TOML file of `rules/` may say, and nothing else.

The JSON Schemas that editors use are generated from these classes (`authoring.schema`), so a
field is documented, checked and completed from one place.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

IDENTIFIER = r"[a-z0-9]+(-[a-z0-9]+)*"
# Editors check every id; the loader only those that name a rule, as it looks the others up anyway.
Identifier = Annotated[str, Meta(extra_json_schema={"pattern": f"^{IDENTIFIER}$"})]
Text = Annotated[str, Meta(min_length=1)]
VersionRange = Annotated[
    str,
    Meta(
        pattern=r"^(>=|<)\d+(\.\d+)*(,<\d+(\.\d+)*)?$",
        description="A half-open range of versions: '>=24.2', '<26.1' or '>=24.2,<26.1'.",
    ),
]
Role = Literal["frame", "reason", "symptom", "progress", "context", "other-error"]
Kind = Literal["public", "private", "unknown"]
System = Literal["linux", "macos", "windows"]
Shell = Literal[
    "any", "posix", "powershell", "cmd", "ini", "requirements", "dockerfile", "yaml", "python"
]
Verification = Literal["keeps", "weakens", "off"]
Actor = Literal["reader", "server-owner", "network-team"]


class Rule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of everything read from a rule file: immutable, and strict about unknown keys."""


class PrintedBy(Rule, frozen=True):
    """Which program prints a message, since when, and the format string it prints."""

    program: Text
    format: Text
    versions: str = ""
    source: str = ""


class Example(Rule, frozen=True):
    """A text that the signal must match, with the captures expected from it."""

    text: Text
    captures: dict[str, str] = {}


class Counterexample(Rule, frozen=True):
    """A text that the signal must not match, and why one might think that it would."""

    text: Text
    why: Text


class StaticFacts(Rule, frozen=True):
    """What the mere presence of a signal says about the machine and the program."""

    tool: str | None = None
    pip: VersionRange | None = None
    python: VersionRange | None = None
    os: System | None = None
    shell: Shell | None = None
    ci: str | None = None
    via_proxy: Annotated[
        bool | None, Meta(description="The message is about the connection to a proxy.")
    ] = None


class Signal(Rule, frozen=True):
    """One thing that a record can state."""

    id: Identifier
    role: Role
    states: Text
    anchors: Annotated[
        tuple[Annotated[str, Meta(min_length=3)], ...],
        Meta(min_length=1, description="Literal texts; a record without any is never tried."),
    ]
    pattern: Annotated[
        str,
        Meta(
            min_length=3,
            description="A verbose `regex` pattern. It is matched against the record without its "
            "white space, as white space in a verbose pattern does not count either.",
        ),
    ]
    printed_by: PrintedBy
    matches: Annotated[tuple[Example, ...], Meta(min_length=1)]
    differs: Annotated[tuple[Counterexample, ...], Meta(min_length=1)]
    other_than: Annotated[
        dict[str, str],
        Meta(
            description="Capture name to a list of rules/names.toml: a match counts only if the "
            "capture begins with none of its names."
        ),
    ] = {}
    occurs_with: tuple[Identifier, ...] = ()
    everyday: Annotated[
        bool,
        Meta(
            description="A reason that programs print which install nothing: it counts within a "
            "frame, or beside something that an installer printed."
        ),
    ] = False
    final: Annotated[
        bool,
        Meta(
            description="A frame that says that the program has given up on the endpoint; or a "
            "progress that says that it did what it was asked to do."
        ),
    ] = False
    probed: Annotated[
        bool,
        Meta(
            description="A reason or a context that a look at a host found: it counts for what "
            "failed at that host and port, in whatever run, and for nothing else. Without a host "
            "it is about the client that looked."
        ),
    ] = False
    later: Annotated[
        bool,
        Meta(
            description="A probed reason that is met once what is met first is mended: it counts "
            "for a failure of its own, which comes after that."
        ),
    ] = False
    begins: Annotated[
        bool,
        Meta(description="A context that another run begins: what failed before is no part of it."),
    ] = False
    seek: Annotated[
        tuple[str, ...] | None,
        Meta(
            description="The anchors that a log is searched for; none where the signal never "
            "stands without others that are. By default all anchors of frames, reasons, symptoms "
            "and other errors, and none of progress and context."
        ),
    ] = None
    facts: StaticFacts = StaticFacts()

    @property
    def sought(self) -> tuple[str, ...]:
        """The texts that the prefilter looks for."""
        if self.seek is not None:
            return self.seek
        return () if self.role in ("progress", "context") else self.anchors


class SignalFile(Rule, frozen=True):
    """A file of `rules/signals/`."""

    signal: Annotated[tuple[Signal, ...], Meta(min_length=1)]


class Condition(Rule, frozen=True):
    """What must hold; every field that is given has to.

    Each field is true, false or unknown (a log that does not tell pip's version leaves `pip`
    unknown). Evidence counts only where its condition is true; a remedy is offered wherever its
    condition is not false.
    """

    kind: tuple[Kind, ...] = ()
    certificate: Annotated[
        tuple[Kind, ...],
        Meta(description="Who is expected to have issued the host's certificate."),
    ] = ()
    index: bool | None = None
    host_known: bool | None = None
    address: Annotated[bool | None, Meta(description="The host is an IP address.")] = None
    loopback: bool | None = None
    several_indexes: Annotated[
        bool | None, Meta(description="The log names indexes of more than one host.")
    ] = None
    via_proxy: bool | None = None
    reason_known: Annotated[
        bool | None, Meta(description="Some signal of the failure says why.")
    ] = None
    tool: tuple[str, ...] = ()
    pip: VersionRange | None = None
    python: VersionRange | None = None
    os: tuple[System, ...] = ()
    ci: tuple[str, ...] = ()
    traits: Annotated[
        tuple[Identifier, ...], Meta(description="Named conditions of rules/traits.toml.")
    ] = ()
    all_signals: tuple[Identifier, ...] = ()
    any_signal: tuple[Identifier, ...] = ()
    no_signal: tuple[Identifier, ...] = ()
    captures: Annotated[
        dict[str, str], Meta(description="Capture name to a regex that its whole value matches.")
    ] = {}


ALWAYS = Condition()
"""What always holds."""


class Evidence(Rule, frozen=True):
    """What a signal says for (weight > 0) or against (weight < 0) a cause, in log-odds."""

    signal: Annotated[tuple[Identifier, ...], Meta(min_length=1)]
    weight: Annotated[float, Meta(ge=-10, le=10)]
    why: Text
    when: Condition = ALWAYS


class Check(Rule, frozen=True):
    """A command whose output tells causes apart that the log cannot."""

    title: Text
    command: Text
    shell: Shell
    separates: Annotated[tuple[Identifier, ...], Meta(min_length=1)]
    when: Condition = ALWAYS


class RemedyChoice(Rule, frozen=True):
    """A remedy for a cause, under conditions; the order in the file is the order of preference."""

    id: Identifier
    when: Condition = ALWAYS


class Cause(Rule, frozen=True):
    """Why a failure happened: one file of `rules/causes/`."""

    id: Identifier
    family: Literal["trust", "validity", "runtime", "index", "proxy", "network"]
    title: Text
    explanation: Text
    prior: Annotated[float, Meta(ge=-10, le=0)]
    evidence: Annotated[tuple[Evidence, ...], Meta(min_length=1)]
    remedies: Annotated[tuple[RemedyChoice, ...], Meta(min_length=1)]
    explains: Annotated[
        tuple[Identifier, ...], Meta(description="Symptoms that this cause brings about.")
    ] = ()
    specialises: tuple[Identifier, ...] = ()
    checks: tuple[Check, ...] = ()
    prevention: str = ""


class Input(Rule, frozen=True):
    """A value that only the reader knows; `example` stands for it in the commands."""

    name: Identifier | Annotated[str, Meta(pattern=r"^[a-z_]+$")]
    example: Text
    text: Text


class Step(Rule, frozen=True):
    """One thing to do. `command` may hold the {{placeholders}} of docs/rules.md."""

    text: Text
    shell: Shell = "any"
    command: str | None = None
    when: Condition = ALWAYS


class Remedy(Rule, frozen=True):
    """What to do: one file of `rules/remedies/`."""

    id: Identifier
    title: Text
    verification: Verification
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]
    by: Annotated[
        Actor,
        Meta(
            description="Who has to act: the reader; who runs the server or issued its "
            "certificate; who runs the network, its proxies and filters."
        ),
    ] = "reader"
    caution: str | None = None
    inputs: tuple[Input, ...] = ()
    when: Condition = ALWAYS


class Output(Rule, frozen=True):
    """What a check prints, so that what a person pastes is understood."""

    pattern: Annotated[
        Text,
        Meta(description="A verbose `regex` pattern, searched in the output as it was pasted."),
    ]
    matches: Annotated[tuple[Text, ...], Meta(min_length=1)]
    differs: Annotated[tuple[Text, ...], Meta(min_length=1)]


class Answer(Rule, frozen=True):
    """A possible answer. What it says for and against causes stands with the causes.

    Their evidence names it as the signal answer-QUESTION-ANSWER.
    """

    id: Identifier
    text: Annotated[Text, Meta(description="What the person says.")]
    usual: Annotated[
        float,
        Meta(
            gt=0,
            description="How often it is given, beside the other answers, where the cause says "
            "nothing of it: most clocks are right.",
        ),
    ] = 1.0
    output: Annotated[
        Output | None, Meta(description="What the check of the question prints then.")
    ] = None
    facts: StaticFacts = StaticFacts()


class Question(Rule, frozen=True):
    """What a person may be asked, where the log leaves causes open: a file of `rules/questions/`.

    `unknown` is an answer to every question, and says nothing.
    """

    id: Identifier
    text: Annotated[Text, Meta(description="The question, in words that fit any log.")]
    why: Text
    cost: Annotated[
        float,
        Meta(
            ge=0,
            le=5,
            description="What it costs the person, in bits: so much it has to tell at the least.",
        ),
    ]
    answers: tuple[Answer, ...] = ()
    here: Annotated[
        str,
        Meta(
            description="The question with {{placeholders}}, as steps have them: it is put so "
            "where the log tells them all."
        ),
    ] = ""
    check: Annotated[
        str | None, Meta(description="The title of the checks whose commands are to be run.")
    ] = None
    paste: Annotated[
        bool, Meta(description="More of what the program printed is an answer as well.")
    ] = False
    value: Annotated[
        str | None,
        Meta(
            description="Where the answer is no choice: a verbose pattern of what it may be, "
            "whose captures are those of a signal."
        ),
    ] = None
    example: Annotated[str, Meta(description="A value, where the answer is no choice.")] = ""
    when: Condition = ALWAYS

    @property
    def takes_output(self) -> bool:
        """Whether what was printed is an answer as well."""
        return self.paste or self.check is not None


class HostFacts(Rule, frozen=True):
    """`rules/hosts.toml`: what is known about names and paths of indexes."""

    public: tuple[str, ...] = ()
    hosted: tuple[str, ...] = ()
    private_suffixes: tuple[str, ...] = ()
    private_labels: tuple[str, ...] = ()
    private_paths: tuple[str, ...] = ()
    index_paths: tuple[str, ...] = ()


class LineOfPython(Rule, frozen=True):
    """Lines of CPython's Modules/_ssl.c that stand in messages, by the Python they belong to."""

    python: Text
    lines: tuple[int, ...]


class PythonFacts(Rule, frozen=True):
    """`rules/pythons.toml`."""

    ssl_c: tuple[LineOfPython, ...] = ()


class RecordFacts(Rule, frozen=True):
    """`rules/records.toml`: how the programs begin a message, so that wraps can be undone."""

    heads: tuple[str, ...] = ()
    head_patterns: tuple[str, ...] = ()
    own: Annotated[
        dict[str, str],
        Meta(description="Head to program: a record that begins so is read by its signals alone."),
    ] = {}


class Traits(Rule, frozen=True):
    """`rules/traits.toml`: named conditions, such as which pip looks into which trust store."""

    trait: dict[Identifier, Condition] = {}


class PipHabits(Rule, frozen=True):
    """`rules/habits.toml`: what some versions of pip make of settings and stores, by traits."""

    expands_home: Annotated[
        tuple[Identifier, ...], Meta(description="It knows ~ in a CA file of its own settings.")
    ] = ()
    own_proxy_wins: Annotated[
        tuple[Identifier, ...], Meta(description="Its own proxy setting wins over HTTPS_PROXY.")
    ] = ()
    own_proxy_hides_variables: Annotated[
        tuple[Identifier, ...], Meta(description="With such a setting it reads no shared_ca_file.")
    ] = ()
    heeds_no_variables: Annotated[
        tuple[Identifier, ...], Meta(description="It knows the switches `no_variables`.")
    ] = ()
    trusts_every_port: Annotated[
        tuple[Identifier, ...], Meta(description="It trusts a host without a port at every port.")
    ] = ()
    reads_system_store: Annotated[
        tuple[Identifier, ...], Meta(description="It reads the system's store.")
    ] = ()
    drops_own_store: Annotated[
        tuple[Identifier, ...], Meta(description="It then does without the bundle it carries.")
    ] = ()
    strict_with_legacy_certs: Annotated[
        tuple[Identifier, ...], Meta(description="With `legacy_certs` it checks strictly.")
    ] = ()
    heeds_key_log: Annotated[
        tuple[Identifier, ...], Meta(description="It opens the file of SSLKEYLOGFILE.")
    ] = ()
    speaks_plainly_to_proxy: Annotated[
        tuple[Identifier, ...], Meta(description="It does no TLS with an https:// proxy.")
    ] = ()
    proxy_by_system_store: Annotated[
        tuple[Identifier, ...],
        Meta(description="Without a CA file it verifies such a proxy by the system's store."),
    ] = ()
    proxy_by_both_stores: Annotated[
        tuple[Identifier, ...],
        Meta(description="Without a CA file it verifies it by the bundle it carries as well."),
    ] = ()


class SettingFacts(Rule, frozen=True):
    """`rules/settings.toml`: what pip reads beside its command line, and what it makes of it.

    A setting is a variable's name, or that of an entry as `pip config list` prints it; lists of
    settings are in order of precedence.
    """

    shared_ca_file: Annotated[
        tuple[str, ...], Meta(description="Variables of other programs that win over its own.")
    ] = ()
    ca_file: tuple[str, ...] = ()
    client_cert: tuple[str, ...] = ()
    system_store: Annotated[
        tuple[str, ...],
        Meta(
            description="Variables that name what the system's store is, where it is looked into."
        ),
    ] = ()
    proxy: tuple[str, ...] = ()
    no_variables: Annotated[
        tuple[str, ...], Meta(description="Switches that hide the variables of other programs.")
    ] = ()
    trusted_hosts: Annotated[
        tuple[str, ...], Meta(description="Lists of hosts whose certificate is not verified.")
    ] = ()
    legacy_certs: Annotated[
        tuple[str, ...], Meta(description="NAME=VALUE that keeps pip from the system's store.")
    ] = ()
    shown: Annotated[
        tuple[str, ...], Meta(description="Patterns of the names that are worth telling.")
    ] = ()
    system_bundles: Annotated[
        tuple[str, ...],
        Meta(description="Where systems keep their store, if OpenSSL does not know."),
    ] = ()


class LayoutRule(Rule, frozen=True):
    """How one CI system arranges its logs; the form of `template` is that of `scan --layout`."""

    system: str
    template: str
    examples: Annotated[tuple[dict[str, str], ...], Meta(min_length=1)]
    """Each a `path`, and the fields that it says."""


class LayoutFile(Rule, frozen=True):
    """`rules/layouts.toml`: which part of a path is the project, job and build."""

    layout: tuple[LayoutRule, ...] = ()


class NameLists(Rule, frozen=True):
    r"""`rules/names.toml`: lists of names that patterns use as \\L<name>."""

    names: dict[str, tuple[str, ...]] = {}


class Literals(Rule, frozen=True):
    """`rules/literals.toml`: texts such that every anchor holds one."""

    literals: tuple[str, ...] = ()


class Switch(Rule, frozen=True):
    """`off.toml` of a pack: ids of rules of earlier packs that shall not count."""

    signals: tuple[Identifier, ...] = ()
    causes: tuple[Identifier, ...] = ()
    remedies: tuple[Identifier, ...] = ()
    questions: tuple[Identifier, ...] = ()


class Proofs(Rule, frozen=True):
    """`rules/proofs.toml`: the remedies that were executed in the lab, and worked."""

    lab: tuple[Identifier, ...] = ()


class Pack(Rule, frozen=True):
    """All rule files of one folder."""

    signals: tuple[Signal, ...] = ()
    causes: tuple[Cause, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    questions: tuple[Question, ...] = ()
    hosts: HostFacts = HostFacts()
    pythons: PythonFacts = PythonFacts()
    records: RecordFacts = RecordFacts()
    traits: Traits = Traits()
    settings: SettingFacts = SettingFacts()
    habits: PipHabits = PipHabits()
    names: NameLists = NameLists()
    layouts: LayoutFile = LayoutFile()
    literals: Literals = Literals()
    proofs: Proofs = Proofs()
    off: Switch = Switch()
