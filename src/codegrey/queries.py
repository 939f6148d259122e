"""The competency questions: ``queries/*.rq``, each a SPARQL query whose header says what it asks.

    # question@en: Which hospitals were hit more than once?
    # question@fr: Quels hôpitaux ont été touchés plus d'une fois ?
    # tags: victims, time
    # minimum: 1            rows that it must give on the demonstration data
    # federated: true       only where it calls another endpoint by SERVICE

The header ends at the first line that is no comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codegrey.errors import OntologyError
from codegrey.resources import resource_root
from codegrey.terms import Iri, Literal, Triple, text, typed
from codegrey.vocab import RDFS, SCHEMA, SH, TYPE

_FIELD = re.compile(r"#\s*(?P<name>[a-z]+)(?:@(?P<language>[a-z]{2}))?\s*:\s*(?P<value>.*\S)\s*")
_LANGUAGES = ("en", "fr")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w-]+):\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One question. ``text`` is the whole file, header too, so that it can be pasted anywhere.

    ``name`` is the file's name without ``.rq``; ``minimum`` the rows that it gives at least on the demonstration data.
    """

    name: str
    text: str
    question: Mapping[str, str]
    tags: tuple[str, ...]
    federated: bool
    minimum: int
    path: Path


def load_queries(root: Path | None = None) -> tuple[Query, ...]:
    """Read ``queries/*.rq`` below ``root`` (by default codegrey's own), in the order of their names.

    :raises OntologyError: if a header is wanting; the message names the file.
    """
    return tuple(read_query(path) for path in sorted(((root or resource_root()) / "queries").glob("*.rq")))


def read_query(path: Path) -> Query:
    """Read one ``.rq`` file.

    :raises OntologyError: if it cannot be read, or its header lacks a question in one of the languages.
    """
    try:
        words = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OntologyError(f"{path}: cannot be read ({error})") from error
    fields = _header(words)
    question = {language: fields[f"question@{language}"] for language in _LANGUAGES if f"question@{language}" in fields}
    missing = [language for language in _LANGUAGES if language not in question]
    if missing:
        raise OntologyError(f"{path}: no header line '# question@{missing[0]}: …'")
    minimum = fields.get("minimum", "1")
    if not minimum.isdecimal():
        raise OntologyError(f"{path}: '# minimum:' wants a number of rows, not {minimum!r}")
    return Query(
        name=path.stem,
        text=words,
        question=question,
        tags=tuple(tag.strip() for tag in fields.get("tags", "").split(",") if tag.strip()),
        federated=fields.get("federated", "false") == "true",
        minimum=int(minimum),
        path=path,
    )


def _header(words: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in words.splitlines():
        if not line.startswith("#"):
            break
        match = _FIELD.fullmatch(line.strip())
        if match:
            language = match["language"]
            fields[f"{match['name']}@{language}" if language else match["name"]] = match["value"]
    return fields


def query_triples(queries: Iterable[Query], *, base: str) -> tuple[Triple, ...]:
    """The questions as ``sh:SPARQLExecutable`` nodes below ``base``, their prefixes declared (SIB's convention)."""
    rows: list[Triple] = []
    prefixes = Iri(f"{base}query/prefixes")
    declared: set[tuple[str, str]] = set()
    for query in queries:
        node = Iri(f"{base}query/{query.name}")
        form = next((word for word in _FORMS if re.search(rf"^\s*{word}\b", query.text, re.I | re.M)), "SELECT")
        rows += [
            (node, TYPE, SH["SPARQLExecutable"]),
            (node, TYPE, SH[f"SPARQL{form.capitalize()}Executable"]),
            (node, SH[form.lower()], Literal(query.text)),
            (node, SH["prefixes"], prefixes),
            *((node, RDFS["comment"], text(words, language)) for language, words in query.question.items()),
            *((node, SCHEMA["keywords"], Literal(tag)) for tag in query.tags),
        ]
        declared |= set(_PREFIX.findall(query.text))
    for prefix, namespace in sorted(declared):
        node = Iri(f"{base}query/prefix/{prefix}")
        rows += [
            (prefixes, SH["declare"], node),
            (node, SH["prefix"], Literal(prefix)),
            (node, SH["namespace"], typed(namespace, "anyURI")),
        ]
    return tuple(rows)
