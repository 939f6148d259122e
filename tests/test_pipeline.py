"""All the way through: the demonstration articles become a dataset whose every claim stands in its article."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from codegrey import pipeline
from codegrey.dataset import DUMPS, Dataset, open_dataset, read_articles, read_reports, verify
from codegrey.errors import DataError, DatasetError
from codegrey.importers import read_articles as import_articles
from codegrey.model import Article, ArticleId, Finding, Severity
from codegrey.pipeline import CHUNK, BuildResult
from codegrey.queries import Query, load_queries
from codegrey.settings import Settings
from codegrey.store import open_store

ROOT = Path(__file__).resolve().parent.parent
ONE, TWO = Settings(jobs=1), Settings(jobs=2)
WORDS = (
    "St. Mary's Hospital in Leeds was hit by a ransomware attack on 3 March 2023. Six patients were transferred.",
    "King's College Hospital was hit by a cyberattack on 9 May 2022. Staff went back to pen and paper.",
    "Le centre hospitalier de Dax a été victime d'un rançongiciel le 9 février 2021. Des opérations ont été reportées.",
    "A ransomware attack hit St. Mary's Hospital in Leeds on 3 March 2023. A ransom of $2 million was demanded.",
)


def demo() -> Iterator[Article | Finding]:
    return import_articles([ROOT / "data" / "articles"], settings=ONE)


def small(*numbers: int) -> list[Article]:
    return [
        Article(
            ArticleId(f"{n:016x}"), WORDS[n], language="fr" if n == 2 else "en", published="2023-03-15", stem=f"a{n}"
        )
        for n in numbers
    ]


def dumps(dataset: Dataset) -> dict[str, str]:
    return {name: hashlib.sha256(dataset.dump_path(name).read_bytes()).hexdigest() for name in DUMPS}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    """The dataset of the demonstration articles, read in one process."""
    return pipeline.build(demo(), tmp_path_factory.mktemp("demo") / "dataset", settings=ONE)


@pytest.fixture(scope="module")
def store(built: BuildResult) -> ox.Store:
    return open_store(built.dataset.store_path)


# ---------------------------------------------------------------------- the demonstration data


def test_the_demonstration_articles_build_without_an_error(built: BuildResult) -> None:
    assert [finding for finding in built.findings if finding.severity is Severity.ERROR] == []
    assert built.counts["articles"] == sum(isinstance(item, Article) for item in demo())
    assert built.counts["incidents"] > 0


def test_every_claim_of_a_report_stands_in_its_article(built: BuildResult) -> None:
    for report in read_reports(built.dataset):
        text = report.article.text
        spans = [claim.evidence for claim in report.claims] + [s for o in report.organisations for s in o.spans]
        assert [span for span in spans if text[span.start : span.end] != span.exact] == []


def test_every_claim_of_the_graph_stands_in_its_article(built: BuildResult, store: ox.Store) -> None:
    texts = {article.id: article.text for article in read_articles(built.dataset)}
    rows = store.query(
        """PREFIX cg: <https://w3id.org/codegrey/ontology#> PREFIX oa: <http://www.w3.org/ns/oa#>
        SELECT ?claim ?article ?start ?end ?exact {
          ?claim a cg:Claim ; cg:evidence/oa:hasSource ?article ; cg:evidence/oa:hasSelector ?position, ?quote .
          ?position oa:start ?start ; oa:end ?end . ?quote oa:exact ?exact }""",
        use_default_graph_as_union=True,
    )
    assert isinstance(rows, ox.QuerySolutions)
    found = 0
    for row in rows:
        text = texts[ArticleId(row["article"].value.rpartition("/")[2])]
        assert text[int(row["start"].value) : int(row["end"].value)] == row["exact"].value
        found += 1
    assert found == built.counts["claims"]


@pytest.mark.parametrize("query", [q for q in load_queries() if not q.federated], ids=lambda query: query.name)
def test_a_competency_question_is_answered(store: ox.Store, query: Query) -> None:
    answer = store.query(query.text, use_default_graph_as_union=True)
    rows = 1 if isinstance(answer, ox.QueryBoolean) else sum(1 for _ in answer)
    assert rows >= query.minimum


def test_the_files_of_the_dataset_are_whole(built: BuildResult) -> None:
    assert [finding for finding in verify(built.dataset) if finding.severity is Severity.ERROR] == []


def test_another_build_in_two_processes_gives_the_same_bytes(built: BuildResult, tmp_path: Path) -> None:
    again = pipeline.build(demo(), tmp_path / "dataset", settings=TWO)
    assert again.counts["articles"] > CHUNK
    assert dumps(again.dataset) == dumps(built.dataset)
    assert again.dataset.version == built.dataset.version


# ---------------------------------------------------------------------- order and repetition


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 3, 0, 2)])
def test_the_order_of_the_articles_changes_nothing(tmp_path: Path, order: tuple[int, ...]) -> None:
    forwards = pipeline.build(small(*sorted(order)), tmp_path / "a", settings=ONE)
    shuffled = pipeline.build(small(*order), tmp_path / "b", settings=ONE)
    assert dumps(forwards.dataset) == dumps(shuffled.dataset)


def test_two_articles_of_one_attack_make_one_incident(tmp_path: Path) -> None:
    result = pipeline.build(small(0, 3), tmp_path / "dataset", settings=ONE)
    assert (result.counts["articles"], result.counts["incidents"]) == (2, 1)


def test_adding_an_article_that_is_there_changes_nothing(tmp_path: Path) -> None:
    before = pipeline.build(small(0, 1), tmp_path / "dataset", settings=ONE)
    after = pipeline.add(small(1), tmp_path / "dataset", settings=ONE)
    assert dumps(after.dataset) == dumps(before.dataset)


def test_adding_keeps_the_names_of_what_is_there(tmp_path: Path) -> None:
    before = pipeline.build(small(0), tmp_path / "dataset", settings=ONE)
    names = set(incidents(before.dataset))
    after = pipeline.add(small(1, 2), tmp_path / "dataset", settings=ONE)
    assert names < incidents(after.dataset)
    assert open_dataset(tmp_path / "dataset").version == after.dataset.version


def incidents(dataset: Dataset) -> set[str]:
    answer = open_store(dataset.store_path).query(
        "SELECT ?i { GRAPH ?g { ?i a <https://w3id.org/codegrey/ontology#Incident> } }"
    )
    assert isinstance(answer, ox.QuerySolutions)
    return {row["i"].value for row in answer}


# ---------------------------------------------------------------------- reading


def test_reports_come_in_the_order_of_the_articles_from_any_number_of_processes() -> None:
    articles = [
        replace(article, id=ArticleId(f"{i:016x}"), stem=str(i))
        for i in range(CHUNK + 3)
        for article in small(i % len(WORDS))
    ]
    alone = list(pipeline.read_reports_of(articles, ONE, []))
    together = list(pipeline.read_reports_of(articles, TWO, []))
    assert [report.article.stem for report in alone] == [str(i) for i in range(CHUNK + 3)]
    assert alone == together


def test_findings_among_the_inputs_are_put_aside() -> None:
    remark = Finding(Severity.WARNING, "odd", "something")
    findings: list[Finding] = []
    reports = list(pipeline.read_reports_of([remark, *small(0)], ONE, findings))
    assert (len(reports), findings) == (1, [remark])


def test_progress_is_told_stage_by_stage(tmp_path: Path) -> None:
    told: list[str] = []
    pipeline.build(
        small(0), tmp_path / "dataset", settings=ONE, progress=lambda stage, _done, _total: told.append(stage)
    )
    assert list(dict.fromkeys(told)) == ["read", "fuse", "validate", "reason", "store"]


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no article"):
        pipeline.build([], tmp_path / "dataset", settings=ONE)
    assert not (tmp_path / "dataset").exists()


def test_there_must_be_a_dataset_to_add_to(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        pipeline.add(small(0), tmp_path / "dataset", settings=ONE)


def test_extract_writes_one_file_an_article_and_names_none_twice(tmp_path: Path) -> None:
    twins = [*small(0), *(replace(article, stem="a0") for article in small(1))]
    result = pipeline.extract(twins, tmp_path / "out", settings=ONE)
    assert [path.name for path in result.written] == ["a0.ttl", f"{twins[1].id}.ttl"]
    assert [finding.code for finding in result.findings] == ["same-name"]


def test_extract_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    with pytest.raises(DataError, match="cannot write"):
        pipeline.extract(small(0), tmp_path / "out", settings=ONE)


def test_validate_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pipeline.validate(small(0), settings=ONE)
    assert list(tmp_path.iterdir()) == []


def test_a_dataset_that_was_just_built_is_valid(tmp_path: Path) -> None:
    pipeline.build(small(0, 2), tmp_path / "dataset", settings=ONE)
    findings = pipeline.validate_dataset(tmp_path / "dataset")
    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []
