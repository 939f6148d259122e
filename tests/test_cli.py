"""The command line: help, exit codes, one-line errors, queries and exports of a dataset on disk."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from codegrey.cli import main
from codegrey.cli.app import EXIT_CODES, create_cli
from codegrey.cli.reference import reference
from codegrey.cli.show import Screen, exit_code, finding_line
from codegrey.dataset import publish
from codegrey.errors import CodegreyError
from codegrey.model import Finding, Severity
from codegrey.settings import Settings
from codegrey.terms import Iri, Quad, text, typed
from codegrey.vocab import CG, LABEL, TYPE

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://example.org/id/"
INCIDENT = Iri(BASE + "incident/x-2022-12")
GROUP: Any = get_command(create_cli())
COMMANDS = {
    " ".join([name, *part]): found
    for name, command in GROUP.commands.items()
    for part, found in [([], command), *(([own], sub) for own, sub in getattr(command, "commands", {}).items())]
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of one incident."""
    folder = tmp_path_factory.mktemp("dataset")
    graph = Iri(BASE + "graph/incidents")
    quads: list[Quad] = [
        (INCIDENT, TYPE, CG["Incident"], graph),
        (INCIDENT, LABEL, text("Attaque à Versailles", "fr"), graph),
        (INCIDENT, CG["startDate"], typed("2022-12", "gYearMonth"), graph),
    ]
    publish(folder, quads, settings=Settings(base=BASE))
    return folder


def run(*arguments: str | Path | int) -> int:
    return main([str(argument) for argument in arguments])


# --- help and reference


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*name.split(), "--help") == 0
    assert f"Examples:\n    codegrey {name}" in capsys.readouterr().out.replace("  curl", "  codegrey serve")


def test_help_lists_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in GROUP.commands)
    assert all(f"{code}  {meaning}" in shown for code, meaning in EXIT_CODES)


@pytest.mark.parametrize(
    ("command", "parameter"),
    [(name, p) for name, command in COMMANDS.items() for p in command.params if p.name != "help"],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_option_says_what_it_does(command: str, parameter: Any) -> None:
    assert parameter.help


def test_every_error_class_has_a_documented_exit_code() -> None:
    def codes(kind: type[CodegreyError]) -> set[int]:
        return {kind.exit_code}.union(*(codes(child) for child in kind.__subclasses__()))

    assert codes(CodegreyError) <= {code for code, _ in EXIT_CODES}


def test_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference(), "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_reference_names_every_command_and_option(name: str) -> None:
    section = reference().split(f"## codegrey {name}\n")[1].split("\n## ")[0]
    options = {option for p in COMMANDS[name].params if p.param_type_name == "option" for option in p.opts}
    assert all(f"`{option}" in section for option in options - {"--help", "-h"})
    assert all((p.metavar or "").split("|")[0] in section for p in COMMANDS[name].params)


def test_shared_options_are_named_alike() -> None:
    metavars: dict[str, set[str]] = {}
    for command in COMMANDS.values():
        for parameter in command.params:
            for option in parameter.opts:
                metavars.setdefault(option, set()).add(parameter.metavar or "")
    assert {option: kinds for option, kinds in metavars.items() if len(kinds) > 1} == {"--out": {"DIR", "FILE"}}


def test_help_is_quick() -> None:
    """No command's machinery is loaded to show help."""
    code = "import sys; from codegrey.cli import main; main(['--help']); print({'spacy', 'rdflib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


# --- errors


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["build", "--nonsense"], 2),
        (["nonsense"], 2),
        (["extract", "x.md"], 2),
        (["validate"], 2),
        (["query"], 2),
        (["query", "ASK {}", "--format", "docx"], 2),
        (["query", "no-such-question"], 2),
        (["export", "--format", "docx"], 2),
        (["build", "x.md", "--base", "example.org"], 2),
        (["build", "x.md", "--jobs", "-1"], 2),
        (["query", "ASK {}", "--dataset", "/nowhere"], 3),
        (["export", "--dataset", "/nowhere"], 3),
        (["info", "--dataset", "/nowhere"], 3),
        (["add", "x.md", "--dataset", "/nowhere"], 3),
    ],
)
def test_error_is_one_line_and_its_exit_code_says_what_kind(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEGREY_DATASET", raising=False)
    assert run(*arguments) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert len([line for line in shown.err.splitlines() if line.startswith(("codegrey:", "Error:"))]) == 1


def test_unforeseen_error_is_one_line(tmp_path: Path) -> None:
    code = "from codegrey.cli import main; main(['--help']); raise KeyError('x')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "codegrey: unexpected KeyError: 'x'; this is a bug, CODEGREY_DEBUG=1 shows where\n"


def test_module_runs_as_the_program() -> None:
    done = subprocess.run([sys.executable, "-m", "codegrey", "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"codegrey \d+\.\d+\.\S+\n", done.stdout)


def test_reader_that_goes_away_ends_the_program_in_silence(dataset: Path) -> None:
    command = f"{sys.executable} -m codegrey export --dataset {dataset} | head -c 0"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""


# --- info, query, export


def test_info_tells_what_a_dataset_holds(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("info", "--dataset", dataset, "--json") == 0
    facts = json.loads(capsys.readouterr().out)["result"]
    assert facts["base"] == BASE
    assert facts["incidents"] == 1


def test_info_without_a_dataset_tells_what_the_program_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("info") == 0
    assert re.search(r"^languages +en fr$", capsys.readouterr().out, re.MULTILINE)


def test_dataset_may_stand_in_the_environment(
    dataset: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEGREY_DATASET", str(dataset))
    assert run("info") == 0
    assert BASE in capsys.readouterr().out


SELECT = "SELECT ?incident ?label ?date { ?incident a cg:Incident ; rdfs:label ?label ; cg:startDate ?date }"


def test_rows_are_a_table(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query", SELECT, "--dataset", dataset) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["incident", "label", "date"]
    assert lines[2].split("  ") == [INCIDENT, "Attaque à Versailles", "2022-12"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("csv", "incident,label,date\r\n"),
        ("tsv", "?incident\t?label\t?date\n"),
        ("json", '{"head":{"vars":["incident","label","date"]}'),
        ("xml", '<?xml version="1.0"'),
    ],
)
def test_rows_come_in_every_format(
    dataset: Path, form: str, expected: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run("query", SELECT, "--dataset", dataset, "--format", form) == 0
    assert capfdbinary.readouterr().out.decode().startswith(expected)


@pytest.mark.parametrize("form", ["ttl", "nt", "nq", "trig", "rdf", "jsonld"])
def test_graphs_come_in_every_format(dataset: Path, form: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    construct = "CONSTRUCT { ?s rdfs:label ?o } { ?s a cg:Incident ; rdfs:label ?o }"
    assert run("query", construct, "--dataset", dataset, "--format", form) == 0
    assert "Versailles" in capfdbinary.readouterr().out.decode()


def test_ask_is_answered_in_a_word(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query", "ASK { ?s a cg:Incident }", "--dataset", dataset) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "yes"


def test_query_is_read_from_a_file(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.rq").write_text(SELECT, encoding="utf-8")
    assert run("query", tmp_path / "mine.rq", "--dataset", dataset) == 0
    assert "Versailles" in capsys.readouterr().out


def test_query_is_read_from_standard_input(
    dataset: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(SELECT))
    assert run("query", "-", "--dataset", dataset) == 0
    assert "Versailles" in capsys.readouterr().out


def test_syntax_error_in_a_query_is_one_line_with_its_place(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query", "SELECT ?x { ?x", "--dataset", dataset) == 4
    assert re.fullmatch(r"codegrey: .*[Ll]ine 1, column 15\b.*\n", capsys.readouterr().err)


def test_place_of_a_syntax_error_counts_in_what_was_written(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query", "ASK { ?x a cg:Incident", "--dataset", dataset) == 4
    assert "ine 1, column 23:" in capsys.readouterr().err


def test_prefix_that_a_query_declares_counts(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query", f"PREFIX cg: <{BASE}> ASK {{ ?x a cg:Incident }}", "--dataset", dataset) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no"


def test_query_past_its_time_limit_is_stopped(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }"
    assert run("query", endless, "--dataset", dataset, "--time-limit", "0.3") == 4
    assert "more than 0.3 seconds" in capsys.readouterr().err


@pytest.mark.parametrize(("text_", "form"), [(SELECT, "ttl"), ("CONSTRUCT WHERE { ?s ?p ?o }", "csv")])
def test_format_that_does_not_fit_is_refused(
    dataset: Path, text_: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("query", text_, "--dataset", dataset, "--format", form) == 2
    assert "does not fit" in capsys.readouterr().err


def test_questions_are_listed_in_two_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query", "--list", "--language", "fr") == 0
    french = capsys.readouterr().out
    assert run("query", "--list") == 0
    assert (
        french.splitlines()[0].split()
        == capsys.readouterr().out.splitlines()[0].split()
        == ["name", "question", "tags"]
    )


@pytest.mark.parametrize(("form", "dump"), [("nq", "codegrey.nq"), ("trig", "codegrey.trig"), ("ttl", "incidents.ttl")])
def test_export_is_the_dump_byte_for_byte(
    dataset: Path, tmp_path: Path, form: str, dump: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    expected = (dataset / "current" / "dump" / dump).read_bytes()
    assert run("export", "--dataset", dataset, "--format", form) == 0
    assert capfdbinary.readouterr().out == expected
    assert run("export", "--dataset", dataset, "--format", form, "--out", tmp_path / "x") == 0
    assert (tmp_path / "x").read_bytes() == expected


def test_export_that_cannot_be_written_is_one_line(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--dataset", dataset, "--out", "/nowhere/x.nq") == 3
    assert capsys.readouterr().err == "codegrey: /nowhere/x.nq: No such file or directory\n"


# --- serve


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_serve_says_where_and_answers_until_it_is_told_to_stop(dataset: Path) -> None:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "codegrey",
        "serve",
        "--dataset",
        str(dataset),
        "--port",
        str(port),
        "--access-log",
        "",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == f"serving {dataset} on http://127.0.0.1:{port}/ (Ctrl-C stops)\n"
            answer = wait_for(f"http://127.0.0.1:{port}/sparql?query=ASK%7B%7D")
        finally:
            server.send_signal(signal.SIGINT)
            output, errors = server.communicate(timeout=30)
    assert b"true" in answer
    assert (output, errors, server.returncode) == ("", "", 0)


def wait_for(url: str) -> bytes:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url) as answer:
                return bytes(answer.read())
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}")


def test_port_that_is_taken_is_one_line(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run("serve", "--dataset", dataset, "--port", port) == 5
    assert capsys.readouterr().err.startswith(f"codegrey: cannot listen on 127.0.0.1:{port}: Address already in use")


@pytest.mark.parametrize(("host", "port", "code"), [("127.0.0.1", "70000", 2), ("256.0.0.1", "8000", 5)])
def test_address_that_is_none_is_an_error(dataset: Path, host: str, port: str, code: int) -> None:
    assert run("serve", "--dataset", dataset, "--host", host, "--port", port) == code


@pytest.mark.parametrize("arguments", [["--time-limit", "soon"], ["--config", "/nowhere.toml"]])
def test_setting_that_does_not_fit_is_a_usage_error(
    dataset: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("serve", "--dataset", dataset, *arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_serve_without_a_dataset_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("serve", "--dataset", tmp_path / "none", "--port", free_port()) == 3
    shown = capsys.readouterr()
    assert (shown.out, len(shown.err.splitlines())) == ("", 1)


# --- findings


ERROR = Finding(Severity.ERROR, "binary", "not text", "a.pdf", "line 3", "convert it", "the words")
WARNING = Finding(Severity.WARNING, "published", "date not understood", "b.md")


def test_finding_is_one_line_with_place_words_and_hint() -> None:
    assert finding_line(ERROR) == 'error: a.pdf, line 3: not text: "the words" (convert it)'


def test_findings_come_worst_first_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().findings([WARNING, ERROR])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert [line.split(":")[0] for line in shown.err.splitlines()] == ["error", "warning"]


def test_findings_are_json_lines_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=True).findings([WARNING, ERROR])
    lines = [json.loads(line)["finding"] for line in capsys.readouterr().out.splitlines()]
    assert [(line["severity"], line["code"]) for line in lines] == [("error", "binary"), ("warning", "published")]


def test_quiet_leaves_errors(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(quiet=True).findings([WARNING, ERROR])
    Screen(quiet=True).result({}, "done")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error:")
    assert len(shown.err.splitlines()) == 1


def test_many_findings_are_cut_with_a_word_on_how_to_see_all(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().findings([ERROR] * 70)
    assert capsys.readouterr().err.endswith("… and 20 more findings; --json lists them all\n")


def test_exit_code_is_1_only_when_something_was_left_out() -> None:
    assert (exit_code([]), exit_code([WARNING]), exit_code([WARNING, ERROR])) == (0, 0, 1)


def on_a_terminal(code: str) -> str:
    """What a piece of Python shows on a terminal of 80 columns."""
    front, back = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen([sys.executable, "-c", code], stdout=back, stderr=back, env=environment) as process:
        os.close(back)
        shown = b""
        while chunk := read_terminal(front):
            shown += chunk
    os.close(front)
    assert process.returncode == 0, shown.decode()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def test_findings_are_a_table_on_a_terminal() -> None:
    code = "from tests.test_cli import ERROR, Screen; Screen().findings([ERROR])"
    shown = on_a_terminal(f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}")
    assert re.search(r"where +what +hint", shown)
    assert re.search(r"error +a\.pdf +not text +convert it\s+line 3 +“the words”", shown)


def test_rows_are_a_table_on_a_terminal() -> None:
    shown = on_a_terminal("from codegrey.cli import main; main(['query', '--list'])")
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_progress_is_shown_on_a_terminal() -> None:
    code = """
from codegrey.cli.show import Screen
with Screen().progress() as progress:
    progress("reading", 0, 3)
    progress("reading", 3, 3)
    progress("storing", 0, 0)
"""
    shown = on_a_terminal(code)
    assert re.search(r"reading.*3/3", shown)
    assert "storing" in shown


def test_progress_is_not_shown_elsewhere() -> None:
    with Screen().progress() as progress:
        assert progress is None
