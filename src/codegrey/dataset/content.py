"""What a version holds: every file of it, written into an empty folder and checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from codegrey import __version__
from codegrey.dataset.codec import decode, encode, lines
from codegrey.dataset.description import Census, describe, release, take_census
from codegrey.dataset.folder import (
    ARTICLES,
    ASSIGNMENTS,
    DESCRIPTION,
    FINDINGS,
    FORMAT,
    MANIFEST,
    REPORTS,
    STORE,
    SUMS,
)
from codegrey.dump import nquads, trig, turtle, write
from codegrey.errors import DatasetError
from codegrey.model import Article, Finding, Report
from codegrey.resources import resource
from codegrey.store import build_store
from codegrey.terms import Iri, Literal, Quad, Term, Triple
from codegrey.vocab import CG, OWL, TYPE

_MEDIA = {
    "dump/codegrey.nq": "application/n-quads",
    "dump/codegrey.trig": "application/trig",
    "dump/incidents.ttl": "text/turtle",
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What a build was made from, what it remarked and which names it gave."""

    articles: tuple[Article, ...]
    reports: tuple[Report, ...]
    findings: tuple[Finding, ...]
    assignments: tuple[tuple[str, Iri], ...]


def fill(aside: Path, given: Iterable[Quad], sources: Sources, base: str) -> None:
    """Write every file of a version, its checksums last, and check the store against the dump."""
    graph = Iri(base + "graph/dataset")
    quads = {quad for quad in given if quad[3] != graph}
    census = take_census(quads, base)
    description = describe(census, base, _about())
    quads |= {(*triple, graph) for triple in description}
    sums = _write_dumps(aside, quads, base)
    version = sums["dump/codegrey.nq"][:16]
    words = turtle((*description, *release(base, version, _MEDIA)), base=base)
    sums[DESCRIPTION] = write(aside / DESCRIPTION, words)
    sums |= _write_sources(aside, sources)
    stored = build_store(aside / STORE, aside / "dump" / "codegrey.nq")
    if stored != len(quads):
        raise DatasetError(f"the store holds {stored} quads where the dump has {len(quads)}")
    manifest = {
        "format": FORMAT,
        "version": version,
        "base": base,
        "codegrey": __version__,
        "ontology": _ontology(quads, base),
        "counts": _counts(census, len(quads), sources),
        "graphs": {**census.graphs, "graph/dataset": len(description)},
        "checksums": dict(sorted(sums.items())),
    }
    sums[MANIFEST] = write(aside / MANIFEST, [json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True), "\n"])
    write(aside / SUMS, (f"{digest}  {name}\n" for name, digest in sorted(sums.items())))


def _write_dumps(aside: Path, quads: set[Quad], base: str) -> dict[str, str]:
    """Write the dumps and return their checksums by path."""
    (aside / "dump").mkdir()
    texts = {
        "dump/codegrey.nq": nquads(quads),
        "dump/codegrey.trig": trig(quads, base=base),
        "dump/incidents.ttl": turtle(_incident_triples(quads, base), base=base),
    }
    return {name: write(aside / name, pieces) for name, pieces in texts.items()}


def _incident_triples(quads: set[Quad], base: str) -> list[Triple]:
    """The fused facts, and what the registry says of the things that they name."""
    incidents, registry = Iri(base + "graph/incidents"), Iri(base + "graph/registry")
    facts = [(s, p, o) for s, p, o, g in quads if g == incidents]
    named = {o for _, _, o in facts}
    return facts + [(s, p, o) for s, p, o, g in quads if g == registry and s in named]


def _write_sources(aside: Path, sources: Sources) -> dict[str, str]:
    """Write articles, reports and findings and return their checksums by path."""
    rows = lines(Article, (*sources.articles, *(report.article for report in sources.reports)))
    known: dict[str, Article] = {}
    for row in rows:  # the first line of an id is the one that a report may name
        article = decode(Article, json.loads(row))
        known.setdefault(article.id, article)
    return {
        ARTICLES: write(aside / ARTICLES, rows),
        REPORTS: write(aside / REPORTS, sorted({_report_line(report, known) for report in sources.reports})),
        FINDINGS: write(aside / FINDINGS, lines(Finding, sources.findings)),
        ASSIGNMENTS: write(aside / ASSIGNMENTS, lines(tuple[str, Iri], sources.assignments)),
    }


def _report_line(report: Report, known: Mapping[str, Article]) -> str:
    """A report as one line, its article by id, or whole where two articles share an id."""
    data = encode(Report, report)
    if known[report.article.id] == report.article:
        data["article"] = report.article.id
    return json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"


def _counts(census: Census, quads: int, sources: Sources) -> dict[str, int]:
    return {
        "quads": quads,
        "articles": len({a.id for a in (*sources.articles, *(report.article for report in sources.reports))}),
        "reports": len(sources.reports),
        "findings": len(sources.findings),
        "incidents": census.classes.get(CG["Incident"], 0),
        "claims": census.classes.get(CG["Claim"], 0),
    }


def _about() -> list[Triple]:
    """The words that describe every dataset: ``ontology/dataset.ttl``, if there is one."""
    path = resource("ontology", "dataset.ttl")
    if not path.is_file():
        return []
    rows: list[Triple] = []
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode):
            rows += [(Iri(quad.subject.value), Iri(quad.predicate.value), o) for o in _plain(quad.object)]
    return rows


def _plain(term: object) -> list[Term]:
    if isinstance(term, ox.NamedNode):
        return [Iri(term.value)]
    if isinstance(term, ox.Literal):
        return [Literal(term.value, Iri(term.datatype.value), term.language or "")]
    return []


def _ontology(quads: set[Quad], base: str) -> dict[str, str]:
    """IRI and version of the ontology that stands in graph/ontology (of the first one, if there are several)."""
    graph = Iri(base + "graph/ontology")
    header = sorted(s for s, p, o, g in quads if g == graph and p == TYPE and o == OWL["Ontology"])
    if not header:
        return {"iri": "", "version": ""}
    own = next((s for s in header if CG.startswith(s)), header[0])
    versions = {p: str(getattr(o, "lexical", o)) for s, p, o, g in quads if s == own and g == graph}
    return {"iri": own, "version": versions.get(OWL["versionInfo"], versions.get(OWL["versionIRI"], ""))}
