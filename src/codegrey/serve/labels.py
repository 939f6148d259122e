"""Names of resources for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from codegrey.serve import ask
from codegrey.serve.html import Cell
from codegrey.serve.serving import Backend
from codegrey.vocab import DCTERMS, LABEL, SCHEMA, SKOS

_LANGUAGES: Final = ("en", "", "fr")
_BATCH: Final = 200


async def labels_of(pool: Backend, iris: Iterable[str], *, client: str) -> Mapping[str, Cell]:
    """One label for each IRI that has one; English before no language before French before any other.

    :raises TaskError: if the store does not answer.
    """
    found: dict[str, Cell] = {}
    names = sorted(set(iris))
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        values = " ".join(f"<{iri}>" for iri in batch)
        query = f"""SELECT ?resource ?label WHERE {{ VALUES ?resource {{ {values} }}
  ?resource <{LABEL}>|<{SKOS["prefLabel"]}>|<{DCTERMS["title"]}>|<{SCHEMA["headline"]}> ?label }}"""
        for row in await ask.rows(pool, query, client=client):
            if "resource" in row and "label" in row:
                iri, label = row["resource"].value, row["label"]
                if iri not in found or _rank(label) < _rank(found[iri]):
                    found[iri] = label
    return found


def _rank(label: Cell) -> tuple[int, str]:
    language = label.language.partition("-")[0]
    return (_LANGUAGES.index(language) if language in _LANGUAGES else len(_LANGUAGES), label.value)
