"""What the endpoint says of itself: SPARQL 1.1 Service Description, VoID of the dataset, the example queries.

Everything has an IRI below the endpoint's own address; there are no blank nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from codegrey.dataset import Dataset
from codegrey.serve.examples import Example
from codegrey.serve.formats import FORMATS, Format
from codegrey.serve.settings import ServeSettings
from codegrey.serve.syntax import analyse, prefixes
from codegrey.vocab import DCTERMS, PREFIXES, RDFS, SH, TYPE, VOID, Namespace

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
LIMITS: Final = Namespace("https://w3id.org/codegrey/endpoint#")
_SCHEMA: Final = Namespace("https://schema.org/")
_LIMIT_NAMES: Final = (
    "time_limit", "memory_limit", "byte_limit", "row_limit", "depth_limit", "query_bytes", "queue_limit", "workers",
)  # fmt: skip
_CASTS: Final = ("boolean", "dateTime", "decimal", "double", "float", "integer", "string", "date", "time", "duration")
_XSD: Final = PREFIXES["xsd"]
_PREFIXED: Final = frozenset({"ttl", "trig", "n3"})

Node = ox.NamedNode


def serialize(triples: Iterable[ox.Triple], chosen: Format) -> bytes:
    """A few triples in one of the RDF formats."""
    form = getattr(ox.RdfFormat, chosen.oxigraph)
    names = {**PREFIXES, "sd": str(SD), "limit": str(LIMITS)} if chosen.name in _PREFIXED else None
    return ox.serialize(triples, format=form, prefixes=names) or b""


def service_description(
    dataset: Dataset, settings: ServeSettings, examples: Iterable[Example], *, endpoint: str, origin: str
) -> Iterator[ox.Triple]:
    """The description of the service at the URL ``endpoint``."""
    service = Node(endpoint)
    whole = Node(f"{endpoint}#dataset")
    default = Node(f"{endpoint}#default-graph")
    yield from (
        _link(service, TYPE, SD["Service"]),
        _link(service, SD["endpoint"], endpoint),
        _link(service, SD["supportedLanguage"], SD["SPARQL11Query"]),
        _link(service, SD["feature"], SD["UnionDefaultGraph"]),
        _link(service, SD["defaultEntailmentRegime"], "http://www.w3.org/ns/entailment/Simple"),
        _link(service, SD["defaultDataset"], whole.value),
        _text(service, DCTERMS["title"], settings.title),
        _link(service, RDFS["seeAlso"], f"{origin}/.well-known/void"),
        _link(whole, TYPE, SD["Dataset"]),
        _link(whole, SD["defaultGraph"], default.value),
        _link(default, TYPE, SD["Graph"]),
        _text(
            default, RDFS["comment"], "The union of all named graphs, unless FROM or default-graph-uri says otherwise."
        ),
    )
    if settings.service_allow:
        yield _link(service, SD["feature"], SD["BasicFederatedQuery"])
    for item in FORMATS:
        yield _link(service, SD["resultFormat"], item.iri)
    for name in _CASTS:
        yield _link(service, SD["extensionFunction"], _XSD + name)
    yield from _limits(service, settings)
    yield from _graphs(whole, dataset)
    yield from _examples(service, examples)


def _limits(service: Node, settings: ServeSettings) -> Iterator[ox.Triple]:
    texts = {item.name: item.metadata for item in fields(ServeSettings)}
    for name in _LIMIT_NAMES:
        value = getattr(settings, name)
        predicate = LIMITS[name.replace("_", "-")]
        kind = "decimal" if isinstance(value, float) else "integer"
        if value:
            yield ox.Triple(service, Node(predicate), ox.Literal(f"{value:g}" if kind == "decimal" else str(value),
                                                                datatype=Node(_XSD + kind)))  # fmt: skip
            unit = texts[name]["unit"]
            yield _text(Node(predicate), RDFS["comment"], f"{texts[name]['text']} Unit: {unit}.")


def _graphs(whole: Node, dataset: Dataset) -> Iterator[ox.Triple]:
    """The named graphs that the manifest counts; those of single articles are one pattern there."""
    graphs = dataset.manifest.get("graphs", {})
    for name, count in sorted(graphs.items()) if isinstance(graphs, Mapping) else ():
        if name.endswith("*"):
            pattern = f"One graph for each article: {dataset.base}{name.removesuffix('*')}…, {count} triples together."
            yield _text(whole, RDFS["comment"], pattern)
            continue
        graph = Node(f"{whole.value}/{name}")
        yield from (
            _link(whole, SD["namedGraph"], graph.value),
            _link(graph, TYPE, SD["NamedGraph"]),
            _link(graph, SD["name"], dataset.base + name),
            ox.Triple(graph, Node(VOID["triples"]), ox.Literal(str(count), datatype=Node(_XSD + "integer"))),
        )


def _examples(service: Node, examples: Iterable[Example]) -> Iterator[ox.Triple]:
    """Examples as ``sh:SPARQLExecutable`` with declared prefixes, as the SIB convention has it."""
    for item in examples:
        node = Node(f"{service.value}#example-{item.name}")
        form = str(analyse(item.text).form) or "SELECT"
        yield from (
            _link(node, TYPE, SH["SPARQLExecutable"]),
            _link(node, TYPE, SH[f"SPARQL{form.capitalize()}Executable"]),
            ox.Triple(node, Node(SH[form.lower()]), ox.Literal(item.text)),
            _link(node, _SCHEMA["target"], service.value),
        )
        for language, words in item.question:
            yield ox.Triple(node, Node(RDFS["comment"]), ox.Literal(words, language=language))
        for tag in item.tags:
            yield ox.Triple(node, Node(_SCHEMA["keywords"]), ox.Literal(tag))
        for prefix, space in sorted(prefixes(item.text).items()):
            declaration = Node(f"{service.value}#prefix-{prefix}")
            yield from (
                _link(node, SH["prefixes"], declaration.value),
                _link(declaration, SH["declare"], declaration.value),
                ox.Triple(declaration, Node(SH["prefix"]), ox.Literal(prefix)),
                ox.Triple(declaration, Node(SH["namespace"]), ox.Literal(space, datatype=Node(_XSD + "anyURI"))),
            )


def dataset_description(dataset: Dataset, *, endpoint: str, origin: str) -> Iterator[ox.Triple]:
    """The VoID and DCAT description that the build wrote, with the addresses that only the server knows."""
    path: Path = dataset.path / "void.ttl"
    described: set[ox.NamedNode] = set()
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            yield quad.triple
            if quad.predicate.value == VOID["dataDump"] and isinstance(quad.object, Node):
                name = quad.object.value.rpartition("/distribution/")[2]
                yield _link(quad.object, "http://www.w3.org/ns/dcat#downloadURL", f"{origin}/{name}")
            if quad.predicate.value == VOID["uriSpace"] and isinstance(quad.subject, Node):
                described.add(quad.subject)
    except OSError:
        described.add(Node(dataset.base + "dataset"))
        yield _link(Node(dataset.base + "dataset"), TYPE, VOID["Dataset"])
    for subject in described:
        yield _link(subject, VOID["sparqlEndpoint"], endpoint)


def about(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    """What the dataset is, in its own words, as (language, text), English first."""
    try:
        found = {
            (quad.object.language or "en", quad.object.value)
            for quad in ox.parse(path=str(dataset.path / "void.ttl"), format=ox.RdfFormat.TURTLE)
            if quad.predicate.value == DCTERMS["description"] and isinstance(quad.object, ox.Literal)
        }
    except (OSError, SyntaxError):
        return ()
    return tuple(sorted(found, key=lambda pair: (pair[0] != "en", pair)))


def counts_of(dataset: Dataset) -> Mapping[str, Any]:
    """The figures of the manifest."""
    counts = dataset.manifest.get("counts", {})
    return counts if isinstance(counts, Mapping) else {}


def _link(subject: ox.NamedNode | ox.BlankNode, predicate: str, target: str) -> ox.Triple:
    return ox.Triple(subject, Node(predicate), Node(target))


def _text(subject: ox.NamedNode, predicate: str, words: str) -> ox.Triple:
    return ox.Triple(subject, Node(predicate), ox.Literal(words, language="en"))
