from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from codegrey.dataset import (
    open_dataset,
    prune,
    publish,
    read_articles,
    read_assignments,
    read_findings,
    read_reports,
    verify,
)
from codegrey.errors import DatasetError
from codegrey.model import (
    Article,
    ArticleId,
    Claim,
    Finding,
    Node,
    OrganisationKey,
    OrganisationRef,
    Report,
    Role,
    Severity,
    Span,
)
from codegrey.settings import Settings
from codegrey.store import open_store
from codegrey.terms import Iri, Quad, text, typed
from codegrey.vocab import CG, LABEL, TYPE

BASE = "https://example.org/id/"
SETTINGS = Settings(base=BASE)
INCIDENT = Iri(BASE + "incident/a-2022")
VICTIM = Iri(BASE + "organisation/a")
OTHER = Iri(BASE + "organisation/b")
ARTICLE = Article(ArticleId("a1"), "Hacked \ud800 today", title="Hacked", language="en", source="a.txt")
REPORT = Report(
    ARTICLE,
    claims=(
        Claim(
            Node(Role.INCIDENT, "i"),
            CG["victim"],
            OrganisationRef(OrganisationKey("o")),
            Span(0, 6, "Hacked"),
            0.1 + 0.2,
            "patterns",
        ),
    ),
)
FINDING = Finding(Severity.WARNING, "empty-file", "nothing in it", source="b.txt")


def graph(name: str) -> Iri:
    return Iri(f"{BASE}graph/{name}")


def quads(count: int = 3) -> list[Quad]:
    return [
        (INCIDENT, TYPE, CG["Incident"], graph("incidents")),
        (INCIDENT, CG["victim"], VICTIM, graph("incidents")),
        (INCIDENT, CG["count"], typed(count, "integer"), graph("incidents")),
        (VICTIM, LABEL, text("A", "en"), graph("registry")),
        (OTHER, LABEL, text("B", "en"), graph("registry")),
        (Iri(BASE + "claim/1"), TYPE, CG["Claim"], graph("article/a1")),
    ]


def names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "versions").iterdir()}


def test_what_is_published_is_opened(tmp_path: Path) -> None:
    published = publish(tmp_path, quads(), settings=SETTINGS)
    assert open_dataset(tmp_path) == published


def test_a_version_folder_opens_by_itself(tmp_path: Path) -> None:
    published = publish(tmp_path, quads(), settings=SETTINGS)
    assert open_dataset(published.path) == published


def test_the_version_is_the_hash_of_the_dump(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    assert dataset.manifest["checksums"]["dump/codegrey.nq"].startswith(dataset.version)


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    first = publish(tmp_path / "1", quads(), articles=[ARTICLE], reports=[REPORT], settings=SETTINGS)
    second = publish(tmp_path / "2", reversed(quads()), articles=[ARTICLE], reports=[REPORT], settings=SETTINGS)
    assert (first.path / "SHA256SUMS").read_bytes() == (second.path / "SHA256SUMS").read_bytes()


def test_the_manifest_counts_what_is_there(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), articles=[ARTICLE], reports=[REPORT], findings=[FINDING], settings=SETTINGS)
    counts = dict(dataset.manifest["counts"])
    assert counts.pop("quads") == len(open_store(dataset.store_path))
    assert counts == {"articles": 1, "claims": 1, "findings": 1, "incidents": 1, "reports": 1}
    assert dataset.manifest["graphs"]["graph/article/*"] == 1
    assert dataset.manifest["base"] == BASE


def test_the_manifest_names_the_version_of_the_ontology(tmp_path: Path) -> None:
    ontology = Iri("https://w3id.org/codegrey/ontology")
    owl = "http://www.w3.org/2002/07/owl#"
    header: list[Quad] = [
        (ontology, TYPE, Iri(owl + "Ontology"), graph("ontology")),
        (ontology, Iri(owl + "versionIRI"), Iri(ontology + "/1.0"), graph("ontology")),
    ]
    dataset = publish(tmp_path, quads() + header, settings=SETTINGS)
    assert dataset.manifest["ontology"] == {"iri": ontology, "version": ontology + "/1.0"}


def test_the_sums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dataset.path, check=True, capture_output=True
    )


def test_values_read_back_are_equal(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), articles=[ARTICLE], reports=[REPORT], findings=[FINDING], settings=SETTINGS)
    assert list(read_articles(dataset)) == [ARTICLE]
    assert list(read_reports(dataset)) == [REPORT]
    assert list(read_findings(dataset)) == [FINDING]


def test_assignments_read_back_are_equal(tmp_path: Path) -> None:
    given = (("a1\tincident", INCIDENT), ("a1\torganisation", VICTIM))
    assert read_assignments(publish(tmp_path, quads(), assignments=given, settings=SETTINGS)) == given


def test_a_report_keeps_its_own_article_when_two_share_an_id(tmp_path: Path) -> None:
    twin = replace(ARTICLE, url="https://example.org/twin")
    reports = [REPORT, replace(REPORT, article=twin)]
    dataset = publish(tmp_path, quads(), articles=[ARTICLE, twin], reports=reports, settings=SETTINGS)
    assert sorted(read_reports(dataset), key=repr) == sorted(reports, key=repr)


def test_incidents_come_with_the_organisations_that_they_name(tmp_path: Path) -> None:
    written = publish(tmp_path, quads(), settings=SETTINGS).dump_path("incidents.ttl").read_text(encoding="utf-8")
    assert "<organisation/a> rdfs:label" in written
    assert "organisation/b" not in written


def test_an_unknown_dump_is_refused(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    with pytest.raises(DatasetError, match="no dump named"):
        dataset.dump_path("../manifest.json")


def test_the_description_stands_in_its_graph(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    query = """PREFIX void: <http://rdfs.org/ns/void#> SELECT ?n WHERE { GRAPH ?g {
        ?d void:subset ?s . ?s void:triples ?n FILTER STRENDS(STR(?s), "graph/incidents") } }"""
    found = open_store(dataset.store_path).query(query)
    assert isinstance(found, ox.QuerySolutions)
    assert [row["n"].value for row in found] == ["3"]


def test_only_the_description_beside_the_dump_names_the_version(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    assert dataset.version in (dataset.path / "void.ttl").read_text(encoding="utf-8")
    assert dataset.version not in dataset.dump_path("codegrey.nq").read_text(encoding="utf-8")


def test_a_second_version_becomes_current_and_the_first_stays(tmp_path: Path) -> None:
    first = publish(tmp_path, quads(1), settings=SETTINGS)
    second = publish(tmp_path, quads(2), settings=SETTINGS)
    assert open_dataset(tmp_path).version == second.version != first.version
    assert len(open_store(first.store_path)) == first.manifest["counts"]["quads"]


def test_the_same_content_is_the_same_version(tmp_path: Path) -> None:
    first = publish(tmp_path, quads(), settings=SETTINGS)
    assert publish(tmp_path, quads(), settings=SETTINGS).path == first.path
    assert names(tmp_path) == {first.version}


def test_the_same_graph_with_other_findings_stands_beside_the_old_one(tmp_path: Path) -> None:
    first = publish(tmp_path, quads(), settings=SETTINGS)
    second = publish(tmp_path, quads(), findings=[FINDING], settings=SETTINGS)
    assert second.version == first.version
    assert second.path != first.path
    assert not verify(first)


def test_only_the_last_versions_stay(tmp_path: Path) -> None:
    kept = [publish(tmp_path, quads(n), settings=SETTINGS, keep=2).version for n in range(4)]
    assert names(tmp_path) == set(kept[-2:])


def test_prune_never_deletes_the_current_version(tmp_path: Path) -> None:
    old, new = (publish(tmp_path, quads(n), settings=SETTINGS).version for n in range(2))
    assert prune(tmp_path, 0) == (old,)
    assert open_dataset(tmp_path).version == new


def test_going_back_to_an_old_version_makes_it_the_newest(tmp_path: Path) -> None:
    first, second = (publish(tmp_path, quads(n), settings=SETTINGS).version for n in range(2))
    publish(tmp_path, quads(0), settings=SETTINGS)
    assert prune(tmp_path, 1) == (second,)
    assert open_dataset(tmp_path).version == first


def test_a_build_that_fails_leaves_the_old_version_current(tmp_path: Path) -> None:
    first = publish(tmp_path, quads(), settings=SETTINGS)
    broken: Quad = (Iri("no scheme"), TYPE, CG["Incident"], graph("incidents"))
    with pytest.raises(DatasetError):
        publish(tmp_path, [*quads(), broken], settings=SETTINGS)
    assert open_dataset(tmp_path) == first
    assert names(tmp_path) == {first.version}


def test_a_description_that_is_given_is_replaced(tmp_path: Path) -> None:
    old: Quad = (Iri(BASE + "dataset"), LABEL, text("old", "en"), graph("dataset"))
    assert publish(tmp_path / "1", [*quads(), old], settings=SETTINGS).version == (
        publish(tmp_path / "2", quads(), settings=SETTINGS).version
    )


def test_what_a_dead_writer_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "versions" / ".new-dead" / "dump").mkdir(parents=True)
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    assert names(tmp_path) == {dataset.version}


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    publish(tmp_path, quads(), settings=SETTINGS)
    with (tmp_path / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(DatasetError, match="another process"):
            publish(tmp_path, quads(2), settings=SETTINGS)


def test_verify_names_a_changed_file(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    (dataset.path / "void.ttl").write_text("", encoding="utf-8")
    assert [(f.code, f.source) for f in verify(dataset)] == [("dataset/checksum", "void.ttl")]


def test_verify_names_a_missing_file(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    (dataset.path / "findings.jsonl").unlink()
    assert [(f.source, f.message) for f in verify(dataset)] == [("findings.jsonl", "missing")]


def test_a_damaged_version_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), settings=SETTINGS)
    (dataset.path / "void.ttl").write_text("", encoding="utf-8")
    again = publish(tmp_path, quads(), settings=SETTINGS)
    assert again.path != dataset.path
    assert not verify(again)


def test_an_empty_folder_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="codegrey build"):
        open_dataset(tmp_path)


def test_a_dataset_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 99}), encoding="utf-8")
    with pytest.raises(DatasetError, match="another format"):
        open_dataset(tmp_path)


def test_a_manifest_that_is_not_json_is_a_dataset_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match="manifest"):
        open_dataset(tmp_path)


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    dataset = publish(tmp_path, quads(), articles=[ARTICLE], settings=SETTINGS)
    path = dataset.path / "articles.jsonl"
    path.write_text(path.read_text(encoding="ascii") + "{\n", encoding="ascii")
    with pytest.raises(DatasetError, match="line 2"):
        list(read_articles(dataset))


def test_a_writer_that_is_killed_leaves_the_old_version_current(tmp_path: Path) -> None:
    first = publish(tmp_path, quads(1), settings=SETTINGS)
    writer = (
        "from codegrey.dataset import publish; from codegrey.terms import Iri, Literal; from pathlib import Path; "
        f"publish(Path({str(tmp_path)!r}), ((Iri(f'urn:{{n}}'), Iri('urn:p'), Literal(str(n)), Iri('urn:g')) "
        "for n in range(100_000)))"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", writer], env=path) as process:
        deadline = time.monotonic() + 60
        while names(tmp_path) == {first.version} and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
    assert len(names(tmp_path)) == 2
    assert open_dataset(tmp_path) == first
    assert not verify(first)
    second = publish(tmp_path, quads(2), settings=SETTINGS)
    assert names(tmp_path) == {first.version, second.version}
