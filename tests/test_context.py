"""What is known beside the log: answers, values, and what checks printed; and what to ask next."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corpus import converse
from pipcert_logs import ContextError, Explainer, Rules, explain
from pipcert_logs.authoring.check import check
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.report.model import Question, Report
from tests.corpus_logs import LOGS

UNKNOWN_ISSUER = "01-unknown-issuer-public__pip-24.2-py3.11"
SILENT = "21-page-403__pip-25.3-py3.11"
EXPIRED = "04-expired-public__pip-24.2-py3.11"


def log(name: str) -> bytes:
    return next(path for path in LOGS if path.stem == name).read_bytes()


def likely(report: Report) -> dict[str, float]:
    return {cause.id: cause.probability for cause in report.causes}


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "pipcert_logs", "explain", *map(str, words)]
    return subprocess.run(call, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.builtin()


@pytest.mark.parametrize("data", [log(EXPIRED), log(EXPIRED).rstrip(b"\n")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_answer_is_evidence_like_any_other(data: bytes, encoding: str) -> None:
    data = data.decode().encode(encoding)
    without = explain(data)
    report = explain(data, context={"clock": "wrong"})
    assert without.causes[0].id == "expired-certificate"
    assert report.causes[0].id == "clock-skew"
    (said,) = report.context
    lines = len(data.decode(encoding).splitlines())
    assert (said.line, said.text) == (lines + 1, "pipcert-context: clock=wrong")
    heard = next(e for e in report.causes[0].evidence if e.signal == "answer-clock-wrong")
    assert (heard.line, heard.text) == (said.line, said.text)


def test_context_tells_facts_that_the_log_leaves_open() -> None:
    data = b"\n".join(line for line in log(UNKNOWN_ISSUER).splitlines() if b"_ssl.c" not in line)
    report = explain(data, context={"os": "windows", "pip": "22.0.4", "python": "3.9"})
    assert (report.os, report.python) == ("windows", "3.9")
    assert [(tool.name, tool.version) for tool in report.tools] == [("pip", "22.0.4")]


def test_what_the_log_states_is_not_overruled() -> None:
    banner = b"pip 24.0 from /usr/lib/python3.11/site-packages/pip (python 3.11)\n"
    report = explain(banner + log(UNKNOWN_ISSUER), context={"python": "3.8", "pip": "9.0.3"})
    assert report.python == "3.11"
    assert [(tool.name, tool.version) for tool in report.tools] == [("pip", "24.0")]


def test_in_pieces_or_whole(rules: Rules) -> None:
    context = {"issuer": "public", "lines-above": "ERROR: a\nERROR: b"}
    explainer = Explainer(rules=rules, context=context)
    for byte in log(SILENT):
        explainer.feed(bytes([byte]))
    assert explainer.close() == explain(log(SILENT), rules=rules, context=context)


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"clok": "right"}, "did you mean clock?"),
        ({"zzz": "right"}, "there are clock"),
        ({"issuer": "https://joe:hunter2@x.example/"}, "'https://****@x.example/' does not"),
        ({"clock": "maybe"}, "expected right, wrong, unknown"),
        ({"pip": "new"}, "such as '24.0'"),
        ({"index-answer": "nonsense"}, "or what was printed"),
    ],
)
def test_a_context_that_says_nothing_is_refused(context: dict[str, str], words: str) -> None:
    with pytest.raises(ContextError, match=re.escape(words)):
        explain(b"", context=context)


def test_the_output_of_a_check_is_understood() -> None:
    printed = "401 text/html https://pypi.corp.example.com/simple/"
    report = explain(log(SILENT), context={"index-answer": printed})
    assert report.causes[0].id == "index-auth"
    assert report.context[0].text == "pipcert-context: index-answer=denied"


@pytest.mark.parametrize(
    ("printed", "cause"),
    [
        ("curl: (6) Could not resolve host: pypi.corp.example.com", "dns-failure"),
        ("curl: (7) Failed to connect to x port 443: Connection refused", "connection-refused"),
        ("curl: (28) Connection timed out after 20001 milliseconds", "connection-timeout"),
        ("curl: (60) SSL certificate problem: certificate has expired", "expired-certificate"),
        ("curl: (60) SSL certificate problem: unable to get local issuer", "missing-issuer"),
        ("curl: (5) Could not resolve proxy: proxy.corp.example.com", "proxy-unreachable"),
        ("Invoke-WebRequest: No such host is known. (x:443)", "dns-failure"),
        ("401 text/html https://pypi.corp.example.com/simple/", "index-auth"),
    ],
)
def test_an_index_that_does_not_answer_says_how(printed: str, cause: str) -> None:
    report = explain(log(SILENT), context={"index-answer": f"{printed}\n000  https://x/"})
    assert report.causes[0].id == cause
    assert "package-page" not in {question.id for question in report.questions}


def test_capitals_do_not_matter() -> None:
    found = explain(log(UNKNOWN_ISSUER), context={"issuer": "Public"})
    assert found == explain(log(UNKNOWN_ISSUER), context={"issuer": "public"})


def test_a_question_stays_open_where_what_was_printed_says_nothing() -> None:
    explainer = Explainer(context={"index-answer": "good morning"})
    explainer.feed(log(SILENT))
    assert [output.question.id for output in explainer.unheard] == ["index-answer"]
    assert explainer.close() == explain(log(SILENT))


def test_what_no_answer_recognises_is_read_as_more_of_the_log() -> None:
    lines = log(UNKNOWN_ISSUER).splitlines(keepends=True)
    cut = b"".join(lines[-2:])
    assert explain(cut).verdict == "unexplained"
    above = b"".join(lines[:-2]).decode()
    report = explain(cut, context={"lines-above": above})
    assert likely(report) == pytest.approx(likely(explain(log(UNKNOWN_ISSUER))), abs=0.1)
    assert "lines-above" not in [question.id for question in report.questions]
    place = report.causes[0].evidence[0].line
    assert place > 2


def test_secrets_and_controls_of_an_output_are_not_shown() -> None:
    url = "https://joe:hunter2@pypi.corp.example.com/x.whl"
    printed = f"\x1b[31mHTTP error 401 while getting {url}\nERROR: x"
    text = explain(log(SILENT), context={"lines-above": printed}).to_json()
    assert "joe" not in text
    assert "hunter2" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("name", [path.stem for path in LOGS[::25]])
def test_what_an_answer_would_change_is_what_it_changes(name: str, rules: Rules) -> None:
    data = log(name)
    for question in explain(data, rules=rules).questions:
        for answer in question.answers:
            then = likely(explain(data, rules=rules, context={question.id: answer.id}))
            assert {c.id: c.probability for c in answer.causes if c.probability >= 0.02} == {
                cause.id: then[cause.id] for cause in answer.causes if cause.probability >= 0.02
            }


@pytest.mark.parametrize("name", [path.stem for path in LOGS[::25]])
def test_questions_come_best_first_and_each_once(name: str, rules: Rules) -> None:
    context: dict[str, str] = {}
    while questions := explain(log(name), rules=rules, context=context).questions:
        gains = [question.gain - question.cost for question in questions]
        assert gains == sorted(gains, reverse=True)
        assert min(gains) > 0
        assert sum(a.probability for a in questions[0].answers) == pytest.approx(1, abs=0.01)
        assert questions[0].id not in context
        context[questions[0].id] = "unknown"


def test_a_log_that_says_it_all_leaves_nothing_to_ask() -> None:
    assert explain(log("12-requests-missing__pip-25.3-py3.11")).questions == ()
    assert explain(b"Successfully installed demo-1.0\n").questions == ()


def test_a_question_names_what_the_log_tells_and_else_does_without() -> None:
    (issuer,) = (q for q in explain(log(UNKNOWN_ISSUER)).questions if q.id == "issuer")
    assert "https://pypi.org/" in issuer.text
    bare = b"WARNING: certificate verify failed: unable to get local issuer certificate\n"
    retry = b"Retrying (Retry(total=0)) after connection broken by 'SSLError(" + bare + b")'"
    found: list[Question] = [q for q in explain(retry).questions if q.id == "issuer"]
    assert all("{{" not in question.text for question in found)


def test_to_run_something_costs_more_than_to_be_asked(rules: Rules) -> None:
    asked = [q.cost for q in rules.questions.values() if not q.check and not q.value]
    run = [q.cost for q in rules.questions.values() if q.check]
    assert max(asked) < min(run)


def test_asking_beats_not_asking(rules: Rules) -> None:
    found = list(converse.cases())[::30]
    for cut in converse.CUTS.values():
        talks = [converse.talk(case, cut, rules, converse.best) for case in found]
        none, one, two = (sum(talk.right[turn] for talk in talks) for turn in range(3))
        assert none < one <= two


def test_the_short_answer_is_three_sentences_and_one_command(rules: Rules) -> None:
    for path in LOGS[::10]:
        report = json.loads(explain(path.read_bytes(), rules=rules).to_json())
        prose, *block = report["chat"]["short"].split("\n\n```")
        assert "\n" not in prose
        assert len(re.findall(r"[.?](?= [A-Z]|$)", prose)) <= 4
        assert len(block) <= 1
        assert report["chat"]["full"].startswith("## ")


def test_a_log_that_says_nothing_may_be_a_part() -> None:
    assert "all that it printed" in json.loads(explain("hm").to_json())["chat"]["short"]


def test_the_command_takes_context(tmp_path: Path) -> None:
    path, printed = tmp_path / "a.log", tmp_path / "printed"
    path.write_bytes(log(SILENT))
    printed.write_text("503 text/html https://pypi.corp.example.com/simple/\n")
    done = command("--format", "json", "--context", f"index-answer=@{printed}", path)
    assert json.loads(done.stdout)["causes"][0]["id"] == "index-unavailable"
    shown = command(path).stdout
    assert "--context index-answer=denied" in shown
    for wrong in ("clock", "clock=maybe", "nothing=1", f"index-answer=@{tmp_path}/none"):
        done = command("--context", wrong, path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "pipcert-explain: " in done.stderr
    assert "file after @" in command("--context", "issuer=@", path).stderr
    twice = command("--context", "issuer=public", "--context", "issuer=itself", path)
    assert (twice.returncode, twice.stdout) == (2, "")
    printed.write_text("good morning")
    told = command("--context", f"index-answer=@{printed}", path)
    assert (told.returncode, told.stdout) == (1, shown)
    assert "says nothing about 'index-answer'; expected listed" in told.stderr


QUESTION = """
id = "moon"
text = "Is the moon full?"
why = "Some say that it matters."
cost = 0.1
answers = [{ id = "yes", text = "It is" }, { id = "no", text = "It is not" }]
"""


def test_a_pack_adds_a_question_and_evidence_of_a_cause_hears_of_it(tmp_path: Path) -> None:
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "moon.toml").write_text(QUESTION)
    assert check(tmp_path) == ["question moon: no evidence of a cause asks for an answer to it"]
    rules = Rules.load(tmp_path)
    report = explain(log(EXPIRED), rules=rules, context={"moon": "yes"})
    assert report.context[0].text == "pipcert-context: moon=yes"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "moon"', 'id = "moon"\ncheck = "Nobody has this title"', "check titled"),
        ('id = "moon"', 'id = "moon"\nhere = "At {{nowhere}}?"', "nowhere"),
        ('id = "moon"', 'id = "moon"\nwhen = { any_signal = ["nothing"] }', "signal"),
        ("cost = 0.1", "cost = -1", "cost"),
    ],
)
def test_a_wrong_question_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "moon.toml").write_text(QUESTION.replace(old, new))
    with pytest.raises(RuleError, match=words):
        Rules.load(tmp_path)


def test_a_pack_switches_a_question_off(tmp_path: Path) -> None:
    (tmp_path / "off.toml").write_text('questions = ["issuer"]\nsignals = []\n')
    rules = Rules.load(tmp_path)
    assert "issuer" not in rules.questions
