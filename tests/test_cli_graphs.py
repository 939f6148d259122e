"""The commands that make graphs, all the way from files to datasets on disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from codegrey.cli import main
from codegrey.dataset import open_dataset

ATTACK = """---
title: Hospital cancels operations after ransomware attack
published: 2022-12-05
language: en
---
The André Mignot hospital in Versailles was hit by a ransomware attack on 3 December 2022. Six patients were transferred
and a ransom of $10 million was demanded.
"""
DAX = """---
published: 2021-02-10
language: fr
---
Le centre hospitalier de Dax a été visé par une cyberattaque le 9 février 2021. Des opérations ont été reportées.
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one article and its dataset."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "attack.md").write_text(ATTACK, encoding="utf-8")
    assert main(["build", str(folder / "attack.md"), "--out", str(folder / "dataset"), "--jobs", "1", "--quiet"]) == 0
    return folder


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(built, tmp_path / "place", symlinks=True))


def test_build_tells_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "attack.md").write_text(ATTACK, encoding="utf-8")
    assert main(["build", str(tmp_path), "--out", str(tmp_path / "dataset"), "--jobs", "1"]) == 0
    shown = capsys.readouterr()
    assert "1 article, 1 incident," in shown.out
    assert open_dataset(tmp_path / "dataset").version in shown.out
    assert shown.err == ""


def test_build_result_is_json_if_asked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["build", str(place / "attack.md"), "--out", str(place / "dataset"), "--jobs", "1", "--json"]
    assert main(command) == 0
    *findings, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert result["result"]["counts"]["incidents"] == 1
    assert result["result"]["version"] == open_dataset(place / "dataset").version
    assert all("finding" in line for line in findings)


def test_processes_do_not_change_a_byte(place: Path, built: Path) -> None:
    (place / "dax.md").write_text(DAX, encoding="utf-8")
    for jobs in ("1", "2"):
        command = ["build", str(place / "attack.md"), str(place / "dax.md"), "--jobs", jobs, "--quiet"]
        assert main([*command, "--out", str(place / jobs)]) == 0
    one, two = (open_dataset(place / jobs).dump_path("codegrey.nq") for jobs in ("1", "2"))
    assert one.read_bytes() == two.read_bytes()


def test_what_cannot_be_read_is_told_and_the_rest_is_built(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "scan.txt").write_bytes(b"%PDF-1.7 ...")
    command = ["build", str(place / "attack.md"), str(place / "scan.txt"), "--out", str(place / "new"), "--jobs", "1"]
    assert main(command) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith(f"error: {place}/scan.txt: ")
    assert "(1 error)" in shown.out
    assert open_dataset(place / "new").manifest["counts"]["articles"] == 1


def test_nothing_to_read_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(tmp_path / "none.md"), "--out", str(tmp_path / "dataset")]) == 3
    assert capsys.readouterr().err.endswith("codegrey: no article could be read\n")
    assert not (tmp_path / "dataset").exists()


def test_base_is_the_namespace_of_resources(place: Path) -> None:
    base = "https://example.org/graph/"
    command = ["build", str(place / "attack.md"), "--out", str(place / "own"), "--base", base, "--jobs", "1", "--quiet"]
    assert main(command) == 0
    dump = open_dataset(place / "own").dump_path("codegrey.nq").read_text(encoding="utf-8")
    assert f"<{base}incident/" in dump
    assert "https://w3id.org/codegrey/id/" not in dump


def test_add_keeps_what_is_there_and_takes_the_base_of_the_dataset(place: Path) -> None:
    (place / "dax.md").write_text(DAX, encoding="utf-8")
    assert main(["add", str(place / "dax.md"), "--dataset", str(place / "dataset"), "--jobs", "1", "--quiet"]) == 0
    assert open_dataset(place / "dataset").manifest["counts"]["incidents"] == 2


def test_add_gives_what_building_all_of_it_gives(place: Path) -> None:
    (place / "dax.md").write_text(DAX, encoding="utf-8")
    paths = [str(place / "attack.md"), str(place / "dax.md")]
    assert main(["add", paths[1], "--dataset", str(place / "dataset"), "--jobs", "1", "--quiet"]) == 0
    assert main(["build", *paths, "--out", str(place / "all"), "--jobs", "1", "--quiet"]) == 0
    assert open_dataset(place / "dataset").version == open_dataset(place / "all").version


def test_extract_writes_one_turtle_file_an_article(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "dax.md").write_text(DAX, encoding="utf-8")
    command = [
        "extract",
        str(place / "attack.md"),
        str(place / "dax.md"),
        "--out-dir",
        str(place / "ttl"),
        "--jobs",
        "1",
    ]
    assert main(command) == 0
    assert sorted(path.name for path in (place / "ttl").iterdir()) == ["attack.ttl", "dax.ttl"]
    assert "wrote 2 files" in capsys.readouterr().out


def test_validate_of_articles_writes_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(place.rglob("*"))
    assert main(["validate", str(place / "attack.md"), "--jobs", "1"]) == 0
    assert capsys.readouterr().out.startswith("checked: ")
    assert sorted(place.rglob("*")) == before


def test_validate_of_a_dataset_finds_damage(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--dataset", str(place / "dataset")]) == 0
    dump = open_dataset(place / "dataset").dump_path("codegrey.nq")
    dump.write_bytes(dump.read_bytes() + b"\n")
    capsys.readouterr()
    assert main(["validate", "--dataset", str(place / "dataset")]) == 1
    assert "codegrey.nq" in capsys.readouterr().err
