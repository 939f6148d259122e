"""The few IRIs that Python must name. Everything else is read from the ontology."""

from __future__ import annotations

from codegrey.terms import Iri

PREFIXES: dict[str, str] = {
    "cg": "https://w3id.org/codegrey/ontology#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class Namespace(str):
    """A namespace whose names are IRIs: ``CG["Incident"]``."""

    __slots__ = ()

    def __getitem__(self, name: object) -> Iri:
        return Iri(str(self) + str(name))


CG = Namespace(PREFIXES["cg"])
DCAT = Namespace(PREFIXES["dcat"])
DCTERMS = Namespace(PREFIXES["dcterms"])
OA = Namespace(PREFIXES["oa"])
OWL = Namespace(PREFIXES["owl"])
PROV = Namespace(PREFIXES["prov"])
RDF = Namespace(PREFIXES["rdf"])
RDFS = Namespace(PREFIXES["rdfs"])
SCHEMA = Namespace(PREFIXES["schema"])
SH = Namespace(PREFIXES["sh"])
SKOS = Namespace(PREFIXES["skos"])
VOID = Namespace(PREFIXES["void"])

TYPE = RDF["type"]
LABEL = RDFS["label"]


def local_name(iri: str) -> str:
    """The part of an IRI after its last ``#`` or ``/``."""
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
