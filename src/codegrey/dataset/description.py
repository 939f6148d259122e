"""What a dataset says of itself, in graph/dataset: VoID (https://www.w3.org/TR/void/) and DCAT 3.

The words (title, licence, creators) are data: ``ontology/dataset.ttl`` says them of ``cg:Dataset``'s one instance,
``cg:dataset``. The numbers are counted here. No clock: the same quads give the same description.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from codegrey.terms import Iri, Literal, Quad, Term, Triple, typed
from codegrey.vocab import CG, DCAT, DCTERMS, OWL, PREFIXES, TYPE, VOID

ARTICLE_GRAPHS = "graph/article/"
SUBJECT = CG["dataset"]


@dataclass(frozen=True, slots=True)
class Census:
    """What there is in a set of quads; every count is of distinct things."""

    triples: int
    subjects: int
    graphs: Mapping[str, int]  # quads by graph, relative to the base, articles together
    articles: int  # graphs of single articles
    classes: Mapping[Iri, int]
    properties: Mapping[Iri, int]


def take_census(quads: Collection[Quad], base: str) -> Census:
    """Count a set of quads (without duplicates)."""
    graphs: Counter[str] = Counter()
    for graph, count in Counter(g for _, _, _, g in quads).items():
        graphs[graph_name(graph, base)] += count
    union = {(s, p, o) for s, p, o, _ in quads}
    articles = {g for _, _, _, g in quads if g.startswith(base + ARTICLE_GRAPHS)}
    return Census(
        triples=len(union),
        subjects=len({s for s, _, _ in union}),
        graphs=dict(sorted(graphs.items())),
        articles=len(articles),
        classes=Counter(o for _, p, o in union if p == TYPE and not isinstance(o, Literal)),
        properties=Counter(p for _, p, _ in union),
    )


def graph_name(graph: Iri, base: str) -> str:
    """A graph's name in the manifest: relative to the base, ``graph/article/*`` for all that are of one article."""
    name = graph.removeprefix(base)
    return ARTICLE_GRAPHS + "*" if name.startswith(ARTICLE_GRAPHS) else name


def describe(census: Census, base: str, about: Iterable[Triple] = ()) -> tuple[Triple, ...]:
    """The description as triples about ``<base>dataset``; ``about`` are triples about ``cg:dataset``."""
    dataset = Iri(base + "dataset")
    rows: list[Triple] = [
        (dataset, TYPE, DCAT["Dataset"]),
        (dataset, TYPE, VOID["Dataset"]),
        (dataset, VOID["uriSpace"], Literal(base)),
        (dataset, VOID["triples"], _number(census.triples)),
        (dataset, VOID["distinctSubjects"], _number(census.subjects)),
        (dataset, VOID["classes"], _number(len(census.classes))),
        (dataset, VOID["properties"], _number(len(census.properties))),
        (dataset, VOID["documents"], _number(census.articles)),
    ]
    rows += [(dataset, p, o) for s, p, o in about if s == SUBJECT]
    rows += [(dataset, VOID["vocabulary"], Iri(space)) for space in sorted(_vocabularies(census))]
    rows += _partitions(dataset, "class", VOID["class"], VOID["entities"], census.classes)
    rows += _partitions(dataset, "property", VOID["property"], VOID["triples"], census.properties)
    for name, count in census.graphs.items():
        rows += _subset(dataset, name, count, census)
    return tuple(rows)


def release(base: str, version: str, files: Mapping[str, str]) -> tuple[Triple, ...]:
    """What only stands in ``void.ttl``, because a dump cannot name its own hash: version and downloads.

    ``files`` maps a path relative to the version folder to its media type.
    """
    dataset = Iri(base + "dataset")
    rows: list[Triple] = [(dataset, DCAT["version"], Literal(version)), (dataset, OWL["versionInfo"], Literal(version))]
    for path, media in sorted(files.items()):
        node = Iri(f"{dataset}/distribution/{path}")
        rows += [
            (dataset, DCAT["distribution"], node),
            (dataset, VOID["dataDump"], node),
            (node, TYPE, DCAT["Distribution"]),
            (node, DCTERMS["title"], Literal(path)),
            (node, DCAT["mediaType"], Iri(f"https://www.iana.org/assignments/media-types/{media}")),
        ]
    return tuple(rows)


def _subset(dataset: Iri, name: str, count: int, census: Census) -> Sequence[Triple]:
    """One named graph (or those of all articles together) as a part of the dataset."""
    node = Iri(f"{dataset}/{name.removesuffix('/*')}")
    rows: list[Triple] = [
        (dataset, VOID["subset"], node),
        (node, TYPE, VOID["Dataset"]),
        (node, DCTERMS["title"], Literal(name)),
        (node, VOID["triples"], _number(count)),
    ]
    if name == ARTICLE_GRAPHS + "*":
        rows.append((node, VOID["documents"], _number(census.articles)))
    return rows


def _partitions(dataset: Iri, kind: str, key: Iri, measure: Iri, counts: Mapping[Iri, int]) -> list[Triple]:
    rows: list[Triple] = []
    for iri, count in sorted(counts.items()):
        node = Iri(f"{dataset}/{kind}/{_slug(iri)}")
        rows += [
            (dataset, VOID[f"{kind}Partition"], node),
            (node, key, iri),
            (node, measure, _number(count)),
        ]
    return rows


def _slug(iri: Iri) -> str:
    """A short, unique name for an IRI: ``cg-Incident``, or a piece of its hash."""
    space, name = _split(iri)
    prefix = next((p for p, known in PREFIXES.items() if known == space), None)
    return f"{prefix}-{name}" if prefix and name else hashlib.sha256(iri.encode()).hexdigest()[:16]


def _split(iri: Iri) -> tuple[str, str]:
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:]


def _vocabularies(census: Census) -> set[str]:
    used = {_split(iri)[0] for iri in (*census.classes, *census.properties)}
    return used & set(PREFIXES.values())


def _number(value: int) -> Term:
    return typed(value, "integer")
