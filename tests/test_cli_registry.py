"""Registers on the command line: loading them whole, loading them again, looking a name up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegrey.cli import main
from test_register import service

TABLE = "name\tqid\tcountry\tcity\nTavistock Cancer Institute\tQ900000001\tUS\tElmsford\nQ5\tQ5\tUS\t\n"


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    """A folder of registers with one table of one hospital."""
    (tmp_path / "ours.tsv").write_text(TABLE, encoding="utf-8")
    assert run("registry", "update", tmp_path / "ours.tsv", "--from", "table", "--dir", tmp_path / "r", "--quiet") == 0
    return tmp_path / "r"


def run(*arguments: str | Path | int) -> int:
    return main([str(argument) for argument in arguments])


def test_an_update_tells_what_it_kept_and_what_it_refused(registers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("registry", "update", registers.parent / "ours.tsv", "--from", "table", "--dir", registers) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{registers}/ours.tsv: 2 rows read, 1 kept (0 new, 0 changed, 0 gone), 1 refused\n"
    assert shown.err == "warning: ours, row 2: Q5: no name\n"


def test_an_update_lists_the_difference_as_json(registers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = registers.parent / "ours.tsv"
    file.write_text(TABLE.replace("Elmsford", "Yonkers") + "New Hospital\tQ6\tUS\t\n", encoding="utf-8")
    assert run("registry", "update", file, "--from", "table", "--dir", registers, "--json") == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])["result"]
    told = {key: result[key] for key in ("added", "changed", "removed", "refused")}
    assert told == {"added": ["wikidata:Q6"], "changed": ["wikidata:Q900000001"], "removed": [], "refused": 1}


def test_an_update_from_a_service_that_fails_halfway_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with service(fail_at=frozenset({2}), status=400) as (address, asked):
        command = ("registry", "update", "--from", "wikidata", "--service", address, "--page", 2, "--pause", 0)
        assert run(*command, "--dir", tmp_path) == 5
        assert "run it again to go on" in capsys.readouterr().err
        assert not (tmp_path / "wikidata.tsv").exists()
        assert run(*command, "--dir", tmp_path) == 0
    assert asked == [0, 2, 2, 4]
    assert "5 rows read, 5 kept (5 new, 0 changed, 0 gone)" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["wikidata.tsv"]


@pytest.mark.parametrize(
    "content",
    [
        {
            "results": {
                "bindings": [{"item": {"value": "http://www.wikidata.org/entity/Q1"}, "labelEn": {"value": "X"}}]
            }
        },
        [{"item": "http://www.wikidata.org/entity/Q1", "itemLabel": "X"}],
    ],
)
def test_results_that_the_query_service_gave_are_read_from_a_file(
    tmp_path: Path, content: object, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "q.json").write_text(json.dumps(content), encoding="utf-8")
    assert run("registry", "update", tmp_path / "q.json", "--from", "wikidata", "--dir", tmp_path / "r") == 0
    assert "1 row read, 1 kept" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["x.tsv", "--from", "gossip"], 2, "there are wikidata, ror, finess, table"),
        (["--from", "ror"], 2, "wants a FILE"),
        (["x.tsv", "--from", "table", "--service", "http://127.0.0.1"], 2, "either FILE or --service"),
        (["x.tsv", "--from", "table", "--name", "../x"], 2, "--name"),
        (["nowhere.tsv", "--from", "table"], 3, "nowhere.tsv"),
        (["odd.json", "--from", "wikidata"], 3, "neither SPARQL results"),
        (["odd.json", "--from", "ror"], 3, "odd.json"),
    ],
)
def test_what_cannot_be_loaded_is_one_line_and_an_exit_code(
    tmp_path: Path,
    arguments: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.json").write_text('{"a": 1', encoding="utf-8")
    assert run("registry", "update", *arguments) == code
    assert said in capsys.readouterr().err


def test_a_name_is_looked_up_with_what_spoke_for_each_candidate(
    registers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("registry", "find", "Tavistock Cancer Institute", "--country", "us", "--registers", registers) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("certain: ")
    assert "wikidata:Q900000001" in shown


def test_a_look_up_as_json_has_every_feature(registers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("registry", "find", "Tavistock Institute", "--registers", registers, "--json") == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert {"name", "city", "country", "exact"} <= result["candidates"][0]["features"].keys()


def test_a_folder_without_a_register_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("registry", "find", "X", "--registers", tmp_path) == 3
    assert "no register in" in capsys.readouterr().err
