"""The stages in order: articles in, a published dataset (or one Turtle file per article) out.

articles ─ extract ─► reports ─ fuse ─► incidents ─ graph ─► quads ─ validate ─► what stands ─ reason ─► publish
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from codegrey.dataset import Dataset, open_dataset, publish, read_assignments, read_reports, verify
from codegrey.dump import turtle, write
from codegrey.errors import DataError, DatasetError
from codegrey.extract import Extractor, load_extractor
from codegrey.graph import fusion_quads, graph_iri, in_graph, report_triples, without
from codegrey.knowledge import Knowledge, Sources, load_knowledge
from codegrey.model import Article, Finding, Fusion, Report, Severity
from codegrey.ontology import read_triples
from codegrey.queries import load_queries, query_triples
from codegrey.reason import contradictions, entail
from codegrey.settings import Settings
from codegrey.store import open_store
from codegrey.terms import Iri, Quad, Triple
from codegrey.validate import check_store, load_shapes, rejected
from codegrey.validate import validate as validate_quads

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told of the stage, what is done of it, and its size (0: unknown)."""

Refine: TypeAlias = Callable[[Report], tuple[Report, tuple[Finding, ...]]]
"""A second reading of an article, such as a model's: the report with what it adds, and what went wrong.

It runs in the process that called, one article after the other, so that it has one budget and one order.
"""

CHUNK = 16
NODES = "https://w3id.org/codegrey/shapes/node/"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made. ``counts`` are those of the manifest."""

    dataset: Dataset
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ExtractResult:
    """The files written, one an article."""

    written: tuple[Path, ...]
    findings: tuple[Finding, ...]


def build(
    inputs: Iterable[Article | Finding],
    out: Path,
    *,
    settings: Settings,
    sources: Sources | None = None,
    progress: Progress | None = None,
    refine: Refine | None = None,
) -> BuildResult:
    """Build a dataset from articles and make it current.

    :raises DataError: if there is no article among the inputs, or a folder of the sources cannot be used.
    :raises DatasetError: if the dataset cannot be written.
    """
    knowledge = load_knowledge(settings, (sources or Sources()).of(out))
    reports, findings = _read(inputs, settings, progress, refine)
    return _publish(reports, findings, out, knowledge, settings=settings, known={}, progress=progress)


def add(
    inputs: Iterable[Article | Finding],
    dataset_dir: Path,
    *,
    settings: Settings,
    sources: Sources | None = None,
    progress: Progress | None = None,
    refine: Refine | None = None,
) -> BuildResult:
    """Add articles to a dataset: only they are read; what is there keeps its names. An article that is there stays.

    :raises DataError: if a folder of the sources cannot be used.
    :raises DatasetError: if there is no dataset, or it cannot be written.
    """
    dataset = open_dataset(dataset_dir)
    knowledge = load_knowledge(settings, (sources or Sources()).of(dataset_dir))
    known = dict(read_assignments(dataset))
    there = tuple(read_reports(dataset))
    ids = {report.article.id for report in there}
    fresh = (item for item in inputs if isinstance(item, Finding) or item.id not in ids)
    reports, findings = _read(fresh, settings, progress, refine, needed=False)
    everything = (*there, *reports)
    return _publish(everything, findings, dataset_dir, knowledge, settings=settings, known=known, progress=progress)


def extract(
    inputs: Iterable[Article | Finding],
    out_dir: Path,
    *,
    settings: Settings,
    sources: Sources | None = None,
    progress: Progress | None = None,
    refine: Refine | None = None,
) -> ExtractResult:
    """Write one Turtle file an article: its incidents, claims and proofs, with the names of all it speaks of.

    :raises DataError: if a file cannot be written, or a folder of the sources cannot be used.
    """
    knowledge = load_knowledge(settings, sources)
    findings: list[Finding] = []
    written: dict[str, Path] = {}
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        for report in read_reports_of(inputs, settings, findings, progress, refine):
            fusion = knowledge.fuse([report], settings)
            stem = _free(report.article, written, findings)
            path = out_dir / f"{stem}.ttl"
            write(path, turtle(_standalone(fusion, report.article, knowledge, settings), base=settings.base))
            written[stem] = path
    except OSError as error:
        raise DataError(f"cannot write to {out_dir}: {error}") from error
    return ExtractResult(tuple(written.values()), tuple(findings))


def validate(
    inputs: Iterable[Article | Finding],
    *,
    settings: Settings,
    sources: Sources | None = None,
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """What building these articles would remark, without writing anything.

    :raises DataError: if there is no article among the inputs, or a folder of the sources cannot be used.
    """
    knowledge = load_knowledge(settings, sources)
    reports, findings = _read(inputs, settings, progress)
    fusion = knowledge.fuse(reports, settings)
    _, remarks = _checked(fusion, reports, knowledge, settings)
    return (*findings, *fusion.findings, *remarks)


def validate_dataset(
    dataset_dir: Path, *, sources: Sources | None = None, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Check a dataset: its files against their checksums, its graph as a whole, its incidents against the shapes.

    :raises DataError: if a folder of the sources cannot be used.
    :raises DatasetError: if there is no dataset.
    """
    dataset = open_dataset(dataset_dir)
    damage = verify(dataset)
    if any(finding.severity is Severity.ERROR for finding in damage):
        return damage
    settings = Settings(base=dataset.base)
    fusion, reports, knowledge = fuse_again(dataset_dir, sources=sources)
    _tell(progress, "validate", 0, len(fusion.incidents))
    _, remarks = _checked(fusion, reports, knowledge, settings)
    return (*damage, *check_store(open_store(dataset.store_path), dataset.base), *remarks)


def fuse_again(dataset_dir: Path, *, sources: Sources | None = None) -> tuple[Fusion, tuple[Report, ...], Knowledge]:
    """The fusion of a dataset's reports by what is known and decided now, nothing renamed; nothing is written.

    :raises DataError: if a folder of the sources cannot be used.
    :raises DatasetError: if there is no dataset.
    """
    dataset = open_dataset(dataset_dir)
    settings = Settings(base=dataset.base)
    knowledge = load_knowledge(settings, (sources or Sources()).of(dataset_dir))
    reports = tuple(read_reports(dataset))
    return knowledge.fuse(reports, settings, dict(read_assignments(dataset))), reports, knowledge


def read_reports_of(
    inputs: Iterable[Article | Finding],
    settings: Settings,
    findings: list[Finding],
    progress: Progress | None = None,
    refine: Refine | None = None,
) -> Iterator[Report]:
    """The reports of the articles among the inputs, in their order; findings are put aside as they come.

    Memory does not grow with the number of articles; the result does not depend on ``settings.jobs``.
    """
    articles = _articles(inputs, findings)
    for done, report in enumerate(_extracted(articles, settings), start=1):
        if refine is not None:
            report, odd = refine(report)  # noqa: PLW2901 - the same report, read twice
            findings += odd
        _tell(progress, "read", done, 0)
        yield report


def _read(
    inputs: Iterable[Article | Finding],
    settings: Settings,
    progress: Progress | None,
    refine: Refine | None = None,
    *,
    needed: bool = True,
) -> tuple[tuple[Report, ...], tuple[Finding, ...]]:
    findings: list[Finding] = []
    by_id = {report.article.id: report for report in read_reports_of(inputs, settings, findings, progress, refine)}
    if needed and not by_id:
        raise DataError("no article could be read; see the findings")
    return tuple(by_id.values()), tuple(findings)


def _articles(inputs: Iterable[Article | Finding], findings: list[Finding]) -> Iterator[Article]:
    for item in inputs:
        if isinstance(item, Finding):
            findings.append(item)
        else:
            yield item


def _extracted(articles: Iterator[Article], settings: Settings) -> Iterator[Report]:
    """Extract in this process, or in several once there is more than one chunk of work."""
    first = list(islice(articles, CHUNK))
    second = list(islice(articles, CHUNK)) if settings.jobs > 1 and len(first) == CHUNK else []
    if not second:
        extractor = _extractor(settings.base, settings.recogniser)
        yield from map(extractor, first)
        yield from map(extractor, articles)
        return
    with ProcessPoolExecutor(settings.jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_extract_chunk, chunk, settings.base, settings.recogniser) for chunk in (first, second)]
        while waiting:
            chunk = list(islice(articles, CHUNK))
            if chunk:
                waiting.append(pool.submit(_extract_chunk, chunk, settings.base, settings.recogniser))
            if not chunk or len(waiting) > 2 * settings.jobs:
                yield from waiting.pop(0).result()


def _extract_chunk(articles: list[Article], base: str, recogniser: bool) -> list[Report]:
    extractor = _extractor(base, recogniser)
    return [extractor(article) for article in articles]


@lru_cache(maxsize=1)
def _extractor(base: str, recogniser: bool) -> Extractor:
    """The extractor of this process: it takes a second to make."""
    return load_extractor(base, recogniser=recogniser)


def _publish(
    reports: tuple[Report, ...],
    findings: tuple[Finding, ...],
    out: Path,
    knowledge: Knowledge,
    *,
    settings: Settings,
    known: Mapping[str, Iri],
    progress: Progress | None,
) -> BuildResult:
    _tell(progress, "fuse", 0, len(reports))
    fusion = knowledge.fuse(reports, settings, known)
    _tell(progress, "validate", 0, len(fusion.incidents))
    standing, remarks = _checked(fusion, reports, knowledge, settings)
    _tell(progress, "reason", 0, 0)
    quads, odd = _all_quads(standing, reports, knowledge, settings)
    _tell(progress, "store", 0, len(quads))
    everything = (*findings, *fusion.findings, *remarks, *odd)
    dataset = publish(
        out,
        quads,
        articles=[report.article for report in reports],
        reports=reports,
        findings=everything,
        assignments=fusion.assignments,
        settings=settings,
    )
    whole = check_store(open_store(dataset.store_path), settings.base)
    return BuildResult(dataset, (*everything, *whole), dataset.manifest["counts"])


def _checked(
    fusion: Fusion, reports: Iterable[Report], knowledge: Knowledge, settings: Settings
) -> tuple[Fusion, tuple[Finding, ...]]:
    """The incidents that the shapes let through, and what the shapes say of the others."""
    quads = _asserted(fusion, reports, knowledge, settings)
    remarks = validate_quads(quads, load_shapes(), knowledge.ontology.triples, base=settings.base, jobs=settings.jobs)
    return without(fusion, rejected(remarks)), remarks


def _asserted(fusion: Fusion, reports: Iterable[Report], knowledge: Knowledge, settings: Settings) -> tuple[Quad, ...]:
    """What the articles say and what the registry knows of the bodies in them."""
    said = fusion_quads(fusion, [report.article for report in reports], base=settings.base)
    described = knowledge.registry.describe(_mentioned(said))
    return tuple(dict.fromkeys([*said, *in_graph(described, graph_iri(settings.base, "registry"))]))


def _mentioned(quads: Iterable[Quad]) -> list[Iri]:
    """Every node that the quads point at, in a fixed order."""
    return sorted({o for _, _, o, _ in quads if isinstance(o, str)})


def _all_quads(
    fusion: Fusion, reports: Iterable[Report], knowledge: Knowledge, settings: Settings
) -> tuple[tuple[Quad, ...], tuple[Finding, ...]]:
    asserted = _asserted(fusion, reports, knowledge, settings)
    triples = [(s, p, o) for s, p, o, _ in asserted]
    shapes = read_triples(load_shapes().paths, node_base=NODES)
    examples = query_triples(load_queries(), base=settings.base)
    entailed = entail(triples, knowledge.rules)
    graphs: dict[str, Iterable[Triple]] = {
        "entailed": entailed,
        "ontology": knowledge.ontology.triples,
        "shapes": shapes,
        "examples": examples,
    }
    more = [quad for name, rows in graphs.items() for quad in in_graph(rows, graph_iri(settings.base, name))]
    return (*asserted, *more), contradictions([*triples, *entailed], knowledge.rules)


def _standalone(fusion: Fusion, article: Article, knowledge: Knowledge, settings: Settings) -> list[Triple]:
    """One article's graph with what follows from it and what the registry knows of the bodies in it."""
    said = report_triples(fusion, article, base=settings.base)
    nodes = sorted({o for _, _, o in said if isinstance(o, str)})
    asserted = [*said, *knowledge.registry.describe(nodes)]
    return [*asserted, *entail(asserted, knowledge.rules)]


def _free(article: Article, written: Mapping[str, Path], findings: list[Finding]) -> str:
    """The stem of an article's file; one that is taken gets the article's id."""
    stem = article.stem or article.id
    if stem not in written:
        return stem
    message = f"two articles are named {stem}; the second is written as {article.id}"
    findings.append(Finding(Severity.WARNING, "same-name", message, source=article.source))
    return str(article.id)


def _tell(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)


__all__ = [
    "BuildResult",
    "DatasetError",
    "ExtractResult",
    "Sources",
    "add",
    "build",
    "extract",
    "fuse_again",
    "read_reports_of",
    "validate",
    "validate_dataset",
]
