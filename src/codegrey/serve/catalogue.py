"""What a dataset version talks about: its predicates, classes, graphs, and the terms of the ontology in it.

Predicates and classes come from the version's VoID description, graphs from its manifest; only the terms are asked of
the store. For "did you mean" and for empty answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from codegrey.dataset import Dataset
from codegrey.serve import ask
from codegrey.serve.serving import Backend
from codegrey.serve.ticket import TaskError
from codegrey.vocab import CG, VOID, local_name

_SECONDS: Final = 3.0
_DESCRIPTION: Final = "void.ttl"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Names that exist here."""

    base: str
    terms: frozenset[str]
    predicates: frozenset[str]
    classes: frozenset[str]
    graphs: frozenset[str]

    @property
    def spaces(self) -> frozenset[str]:
        """The namespaces whose used names are known in full."""
        names = self.predicates | self.classes | self.terms
        return frozenset(name.removesuffix(local_name(name)) for name in names) - {self.base}

    def is_known(self, iri: str) -> bool:
        """Whether a vocabulary name is used or defined here."""
        return iri in self.predicates or iri in self.classes or iri in self.terms

    def near(self, iri: str) -> str:
        """The known name that is most like an unknown one, ``""`` if none is."""
        space = iri.removesuffix(local_name(iri))
        names = {local_name(name): name for name in self._all() if name.startswith(space)}
        word = local_name(iri)
        exact = next((name for key, name in sorted(names.items()) if key.lower() == word.lower()), "")
        near = get_close_matches(word, sorted(names), n=1, cutoff=0.7)
        return exact or (names[near[0]] if near else "")

    def has_graph(self, iri: str) -> bool:
        """Whether a graph of that name is here; those of single articles are known by their pattern only."""
        return iri in self.graphs or any(
            iri.startswith(name.removesuffix("*")) for name in self.graphs if name.endswith("*")
        )

    def _all(self) -> Iterable[str]:
        return self.predicates | self.classes | self.terms


async def load_catalogue(dataset: Dataset, pool: Backend) -> Catalogue:
    """Read the catalogue of a version. What cannot be read is left empty: hints are a courtesy."""
    predicates, classes = await asyncio.to_thread(_partitions, dataset.path / _DESCRIPTION)
    graphs = dataset.manifest.get("graphs", {})
    query = f"SELECT DISTINCT ?term {{ ?term a ?kind FILTER(STRSTARTS(STR(?term), '{CG}')) }}"
    if isinstance(graphs, Mapping) and "graph/ontology" in graphs:
        query = f"SELECT DISTINCT ?term {{ GRAPH <{dataset.base}graph/ontology> {{ ?term a ?kind }} }}"
    try:
        terms = {row["term"].value for row in await ask.rows(pool, query, seconds=_SECONDS) if "term" in row}
    except (TaskError, TimeoutError):
        terms = set()
    return Catalogue(dataset.base, frozenset(terms), predicates, classes, _graphs(dataset.base, graphs))


def _graphs(base: str, graphs: Any) -> frozenset[str]:
    return frozenset(base + str(name) for name in graphs) if isinstance(graphs, Mapping) else frozenset()


def _partitions(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """(predicates, classes) of the VoID partitions in a Turtle file; empty if there is none."""
    found: dict[str, set[str]] = {VOID["property"]: set(), VOID["class"]: set()}
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            names = found.get(quad.predicate.value)
            if names is not None and isinstance(quad.object, ox.NamedNode):
                names.add(quad.object.value)
    except (OSError, SyntaxError):
        return frozenset(), frozenset()
    return frozenset(found[VOID["property"]]), frozenset(found[VOID["class"]])
