"""Why an answer may be empty: a name that does not exist, a graph that is not here, a literal of another kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from codegrey.serve import ask
from codegrey.serve.catalogue import Catalogue
from codegrey.serve.entities import mention
from codegrey.serve.html import Cell
from codegrey.serve.serving import Backend
from codegrey.serve.syntax import Token, prefixes, scan
from codegrey.serve.ticket import TaskError
from codegrey.vocab import PREFIXES

_SECONDS: Final = 0.3
_MOST_QUESTIONS: Final = 3
_GRAPH_WORDS: Final = frozenset({"GRAPH", "FROM", "NAMED"})


async def hint_for(query: str, catalogue: Catalogue, pool: Backend, *, base: str) -> str:
    """One sentence on why a query has no result, ``""`` if nothing is striking."""
    tokens = tuple(scan(query))
    declared = prefixes(query)
    names = [(token, _iri(token, declared, base)) for token in tokens]
    named = [(token, iri) for token, iri in names if iri]
    for hint in _static_hints(tokens, named, catalogue):
        return hint
    try:
        return await _asked_hint(tokens, declared, catalogue, pool, base=base)
    except (TaskError, TimeoutError):
        return ""


def _static_hints(tokens: Sequence[Token], named: Sequence[tuple[Token, str]], catalogue: Catalogue) -> Iterator[str]:
    graphs = {index + 1 for index, token in enumerate(tokens) if token.text.upper() in _GRAPH_WORDS}
    graph_tokens = {tokens[index].start for index in graphs if index < len(tokens)}
    spaces = catalogue.spaces
    for token, iri in named:
        if token.start in graph_tokens:
            if catalogue.graphs and not catalogue.has_graph(iri):
                yield f"This dataset has no graph <{iri}>."
        elif not catalogue.is_known(iri) and any(iri.startswith(space) and iri != space for space in spaces):
            if iri.startswith(catalogue.base):
                continue
            near = catalogue.near(iri)
            meant = f" Did you mean {_short(near)}?" if near else ""
            yield f"Nothing here uses {_short(iri)}.{meant}"


async def _asked_hint(
    tokens: Sequence[Token], declared: dict[str, str], catalogue: Catalogue, pool: Backend, *, base: str
) -> str:
    questions = 0
    for token, following, after in zip(tokens, tokens[1:], (*tokens[2:], None), strict=False):
        predicate = _iri(token, declared, base)
        if predicate not in catalogue.predicates or following.kind not in ("string", "number"):
            continue
        suffix = after.text if after is not None and (after.kind == "language" or after.text == "^^") else ""
        questions += 1
        if questions > _MOST_QUESTIONS:
            break
        found = await _same_text(predicate, following.text, pool)
        if found is not None:
            return f"{_short(predicate)} has {_written(found)} here, which {following.text}{suffix} does not match."
    for iri in islice(_resources(tokens, declared, catalogue, base), _MOST_QUESTIONS):
        if not await ask.some(pool, mention(iri), seconds=_SECONDS):
            return f"There is no resource <{iri}> in this dataset."
    return ""


async def _same_text(predicate: str, literal: str, pool: Backend) -> Cell | None:
    """A value of the predicate with the same characters, whatever its language or datatype."""
    text = literal if literal[0] in "\"'" else f'"{literal}"'
    query = f"SELECT ?o {{ ?s <{predicate}> ?o FILTER(STR(?o) = {text}) }} LIMIT 1"
    found = await ask.rows(pool, query, seconds=_SECONDS)
    return found[0].get("o") if found else None


def _resources(tokens: Sequence[Token], declared: dict[str, str], catalogue: Catalogue, base: str) -> Iterator[str]:
    for token in tokens:
        iri = _iri(token, declared, base)
        if iri.startswith(catalogue.base) and iri != catalogue.base and not catalogue.has_graph(iri):
            yield iri


def _iri(token: Token, declared: dict[str, str], base: str) -> str:
    """The IRI that a token names, ``""`` if it names none."""
    if token.kind == "iri":
        inside = token.text[1:-1]
        return inside if ":" in inside else base + inside
    if token.kind == "name":
        prefix, _, local = token.text.partition(":")
        return declared[prefix] + local.replace("\\", "") if local and prefix in declared else ""
    return ""


def _short(iri: str) -> str:
    for prefix, space in PREFIXES.items():
        if iri.startswith(space):
            return f"{prefix}:{iri.removeprefix(space)}"
    return f"<{iri}>"


def _written(cell: Cell) -> str:
    if cell.kind == "iri":
        return _short(cell.value)
    if cell.language:
        return f'"{cell.value}"@{cell.language}'
    kind = cell.datatype
    return f'"{cell.value}"^^{_short(kind)}' if ":" in kind else f'"{cell.value}"' if not kind else cell.value
