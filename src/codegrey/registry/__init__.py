"""The organisations, actors, malware and places that codegrey knows by name.

    ontology/registry/*.ttl, cities.tsv ── load_registry ──► Registry (entries, places, triples)

A full registry of hospitals (Wikidata, ROR, FINESS) is more entries of one shape: :mod:`codegrey.registry.register`
has its rows, :mod:`codegrey.link.bodies` makes entries of them.
"""

from codegrey.registry.entry import Entry, Registry, make_registry
from codegrey.registry.load import load_registry
from codegrey.registry.places import Places

__all__ = ["Entry", "Places", "Registry", "load_registry", "make_registry"]
