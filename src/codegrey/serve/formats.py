"""The formats that the endpoint speaks, in order of preference, as one table.

Sources: SPARQL 1.1 Query Results JSON, XML, CSV/TSV; RDF 1.1 Turtle, TriG, N-Triples, N-Quads, RDF/XML; JSON-LD 1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an answer is: a table or boolean, or a graph."""

    RESULTS = "results"
    RDF = "rdf"


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``media_types[0]`` is what answers are labelled with, the others are understood in ``Accept``.

    ``name`` is what ``?format=`` takes and the suffix of files; ``oxigraph`` the name in pyoxigraph's enumeration.
    """

    name: str
    kind: Kind
    media_types: tuple[str, ...]
    oxigraph: str
    label: str
    iri: str
    text: bool = False  # a charset parameter helps

    @property
    def content_type(self) -> str:
        """The value of ``Content-Type``."""
        return self.media_types[0] + ("; charset=utf-8" if self.text else "")


_W3 = "http://www.w3.org/ns/formats/"

FORMATS: Final[tuple[Format, ...]] = (
    Format(
        "json",
        Kind.RESULTS,
        ("application/sparql-results+json", "application/json"),
        "JSON",
        "JSON",
        _W3 + "SPARQL_Results_JSON",
    ),
    Format(
        "xml",
        Kind.RESULTS,
        ("application/sparql-results+xml", "application/xml", "text/xml"),
        "XML",
        "XML",
        _W3 + "SPARQL_Results_XML",
    ),
    Format("csv", Kind.RESULTS, ("text/csv",), "CSV", "CSV", _W3 + "SPARQL_Results_CSV", text=True),
    Format("tsv", Kind.RESULTS, ("text/tab-separated-values",), "TSV", "TSV", _W3 + "SPARQL_Results_TSV", text=True),
    Format("ttl", Kind.RDF, ("text/turtle", "application/x-turtle"), "TURTLE", "Turtle", _W3 + "Turtle", text=True),
    Format("nt", Kind.RDF, ("application/n-triples", "text/plain"), "N_TRIPLES", "N-Triples", _W3 + "N-Triples"),
    Format(
        "rdf", Kind.RDF, ("application/rdf+xml", "application/xml", "text/xml"), "RDF_XML", "RDF/XML", _W3 + "RDF_XML"
    ),
    Format("jsonld", Kind.RDF, ("application/ld+json", "application/json"), "JSON_LD", "JSON-LD", _W3 + "JSON-LD"),
    Format("trig", Kind.RDF, ("application/trig",), "TRIG", "TriG", _W3 + "TriG"),
    Format("nq", Kind.RDF, ("application/n-quads",), "N_QUADS", "N-Quads", _W3 + "N-Quads"),
    Format("n3", Kind.RDF, ("text/n3", "text/rdf+n3"), "N3", "Notation3", _W3 + "N3", text=True),
)

RESULTS: Final = tuple(item for item in FORMATS if item.kind is Kind.RESULTS)
RDF: Final = tuple(item for item in FORMATS if item.kind is Kind.RDF)
NAMES: Final = {item.name: item for item in FORMATS}
ALIASES: Final = {
    "turtle": "ttl", "ntriples": "nt", "n-triples": "nt", "nquads": "nq", "n-quads": "nq", "rdfxml": "rdf",
    "rdf+xml": "rdf", "json-ld": "jsonld", "srj": "json", "srx": "xml",
}  # fmt: skip


def named(name: str, kind: Kind) -> Format | None:
    """The format that ``?format=`` (or ``output=``) asks for: a short name, an alias or a media type; ``None``: none.

    The short names ``json`` and ``xml`` mean JSON-LD and RDF/XML where the answer is a graph.
    """
    key = name.strip().lower()
    if kind is Kind.RDF:
        key = {"json": "jsonld", "xml": "rdf"}.get(key, key)
    key = ALIASES.get(key, key)
    found = NAMES.get(key)
    if found is not None:
        return found if found.kind is kind else None
    offers = RESULTS if kind is Kind.RESULTS else RDF
    return next((item for item in offers if key in item.media_types), None)
