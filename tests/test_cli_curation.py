"""From what is uncertain to decisions that hold in every later build, on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from codegrey.cli import main
from codegrey.dataset import open_dataset
from codegrey.terms import Iri

ATTACK = """---
published: 2024-07-20
language: en
---
The Tavistock Cancer Institute was hit by a ransomware attack on 17 July 2024. Appointments were cancelled.
"""
TABLE = "name\tqid\tcountry\tcity\nBarbara Ann Tavistock Cancer Institute\tQ900000001\tUS\tElmsford\n"
NODE = Iri("https://w3id.org/codegrey/id/organisation/barbara-ann-tavistock-cancer-institute-q900000001")


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article, a register that likely has its hospital, and a dataset of both."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "attack.md").write_text(ATTACK, encoding="utf-8")
    (folder / "ours.tsv").write_text(TABLE, encoding="utf-8")
    assert run("registry", "update", folder / "ours.tsv", "--from", "table", "--dir", folder / "r", "--quiet") == 0
    command = ("build", folder / "attack.md", "--out", folder / "dataset", "--jobs", "1", "--quiet")
    assert run(*command, "--registers", folder / "r") == 0
    return folder


@pytest.fixture
def place(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to change, and the environment that names its dataset and registers."""
    folder = Path(shutil.copytree(built, tmp_path / "place", symlinks=True))
    monkeypatch.setenv("CODEGREY_DATASET", str(folder / "dataset"))
    monkeypatch.setenv("CODEGREY_REGISTERS", str(folder / "r"))
    return folder


def dump(place: Path) -> str:
    return open_dataset(place / "dataset").dump_path("codegrey.nq").read_text(encoding="utf-8")


def decide(place: Path, verdict: str, capsys: pytest.CaptureFixture[str], *more: str | Path) -> int:
    """Fill in the only question on a link and hand it back."""
    assert run("review", "--out", place / "questions.tsv", "--quiet") == 0
    heading, line = (place / "questions.tsv").read_text(encoding="utf-8").splitlines()
    cells = dict(zip(heading.split("\t"), line.split("\t"), strict=True)) | {"verdict": verdict}
    (place / "answers.tsv").write_text(f"{heading}\n" + "\t".join(cells.values()) + "\n", encoding="utf-8")
    capsys.readouterr()
    return run("curate", place / "answers.tsv", "--author", "Ada L.", "--date", "2026-01-05", *more)


def test_a_likely_link_leads_to_a_node_that_is_described(place: Path) -> None:
    found = dump(place)
    assert f"skos/core#closeMatch> <{NODE}>" in found
    assert f'<{NODE}> <http://purl.org/dc/terms/identifier> "wikidata:Q900000001"' in found


def test_what_is_uncertain_is_a_table(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("review") == 0
    (question,) = capsys.readouterr().out.splitlines()[1:]
    assert question.split("\t")[0] == "link"
    assert NODE in question


def test_a_decision_counts_from_the_next_run_and_in_every_later_one(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decide(place, "yes", capsys) == 0
    assert capsys.readouterr().out.startswith(f"{place}/dataset/curation: 1 new decision; 1 link and 0 on incidents")
    assert run("add", "--quiet") == 0
    assert f"ontology#victim> <{NODE}>" in dump(place)
    assert run("build", place / "attack.md", "--out", place / "dataset", "--jobs", "1", "--quiet") == 0
    assert f"ontology#victim> <{NODE}>" in dump(place)
    assert run("validate", "--dataset", place / "dataset") == 0


def test_a_refused_link_is_gone_and_exported_as_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decide(place, "no", capsys) == 0
    assert run("add", "--quiet") == 0
    assert f"closeMatch> <{NODE}>" not in dump(place)
    capsys.readouterr()
    assert run("export", "--format", "sssom") == 0
    (row,) = [line.split("\t") for line in capsys.readouterr().out.splitlines() if "Tavistock" in line]
    assert (row[4], *row[7:]) == ("semapv:ManualMappingCuration", "Not", "Ada L.", "2026-01-05")


def test_decisions_in_a_folder_of_their_own_are_given_by_name(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decide(place, "yes", capsys, "--curation", place / "ours") == 0
    assert not (place / "dataset" / "curation").exists()
    assert run("add", "--curation", place / "ours", "--quiet") == 0
    assert f"ontology#victim> <{NODE}>" in dump(place)


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("links", "@base"),
        ("quickstatements", ""),
        ("mixnmatch", "id\tname\tdescription"),
        ("sssom", "# mapping_set_id"),
    ],
)
def test_links_are_exported_in_every_form(
    place: Path, form: str, start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", "--format", form) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(start)
    assert run("export", "--format", form, "--out", place / "links") == 0
    assert (place / "links").read_text(encoding="utf-8") == shown


def test_a_review_tells_how_many_questions_there_are(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("review", "--out", place / "q.tsv", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"result": {"file": str(place / "q.tsv"), "link": 1}}


@pytest.mark.parametrize(
    ("table", "more", "code", "said"),
    [
        ("kind\tverdict\nlink\tperhaps\n", ("--author", "A"), 3, "line 2: verdict 'perhaps'"),
        ("", ("--author", " "), 2, "--author is empty"),
        ("", ("--author", "A", "--date", "yesterday"), 2, "YYYY-MM-DD"),
    ],
)
def test_an_answer_that_makes_no_sense_changes_nothing(
    place: Path, table: str, more: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "odd.tsv").write_text(table, encoding="utf-8")
    assert run("curate", place / "odd.tsv", *more) == code
    assert said in capsys.readouterr().err
    assert not (place / "dataset" / "curation").exists()


def test_a_folder_without_decisions_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("add", "--curation", place / "r") == 3
    assert "no decisions in" in capsys.readouterr().err


def test_decisions_of_no_dataset_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "q.tsv").write_text("kind\n", encoding="utf-8")
    assert run("curate", tmp_path / "q.tsv", "--author", "A", "--dataset", tmp_path) == 3
    assert "no dataset at" in capsys.readouterr().err
