"""SERVICE, evaluated outside the query process: each clause becomes the VALUES that the other endpoint answered.

``Join(P, Service(iri, Q))`` is what a clause means (SPARQL 1.1 Federated Query, section 4), so Q can be asked first and
its table joined. Where the clause stands beside nothing but triple patterns, these are asked first and their values
sent along: only what can join is fetched.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from codegrey.errors import QueryError, ServiceError
from codegrey.serve.remote import Bindings, RemoteLimits, call
from codegrey.serve.syntax import Token, prefixes, scan

_MOST_BOUND: Final = 200
_MOST_CLAUSES: Final = 8
_IRI: Final = re.compile(r'[^\x00-\x20<>"{}|^`\\]+')
_NAME: Final = re.compile(r"\w+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)*")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})

Local: TypeAlias = Callable[[str], Awaitable[Bindings | None]]


@dataclass(frozen=True, slots=True)
class Clause:
    """One SERVICE clause: where it stands, whom it asks, what it asks."""

    start: int
    end: int
    url: str
    silent: bool
    pattern: str
    beside: str  # the triple patterns of its group, if that holds nothing else
    variables: tuple[str, ...]


async def federate(query: str, limits: RemoteLimits, *, local: Local) -> str:
    """The query with every outermost SERVICE clause replaced by VALUES.

    :param local: answers a query on this dataset; ``None`` if it cannot.
    :raises QueryError: for a clause that is not allowed here.
    :raises ServiceError: if an endpoint fails and the clause is not SILENT.
    """
    clauses = find_clauses(query)
    prologue = _prologue(query)
    tables = await asyncio.gather(*(_table(clause, prologue, limits, local) for clause in clauses))
    for clause, table in reversed(list(zip(clauses, tables, strict=True))):
        query = query[: clause.start] + table + query[clause.end :]
    return query


def find_clauses(query: str) -> tuple[Clause, ...]:
    """The outermost SERVICE clauses. :raises QueryError: for one that cannot be evaluated here."""
    tokens = tuple(scan(query))
    declared = prefixes(query)
    clauses: list[Clause] = []
    index = 0
    while index < len(tokens):
        if tokens[index].kind == "word" and tokens[index].text.upper() == "SERVICE":
            clause, index = _clause(query, tokens, index, declared)
            clauses.append(clause)
        else:
            index += 1
    if len(clauses) > _MOST_CLAUSES:
        raise QueryError(f"more than {_MOST_CLAUSES} SERVICE clauses")
    return tuple(clauses)


def _clause(query: str, tokens: Sequence[Token], index: int, declared: dict[str, str]) -> tuple[Clause, int]:
    """The clause that begins at a token, and the index after it."""
    silent = index + 1 < len(tokens) and tokens[index + 1].text.upper() == "SILENT"
    name = index + (2 if silent else 1)
    if name + 1 >= len(tokens) or tokens[name + 1].text != "{":
        raise QueryError("a SERVICE clause is SERVICE, an endpoint, and a group in braces")
    last = _closing(tokens, name + 1)
    inner = tokens[name + 2 : last]
    if any(token.kind == "word" and token.text.upper() == "SERVICE" for token in inner):
        raise QueryError("a SERVICE clause inside another is not evaluated here")
    pattern = query[tokens[name + 1].end : tokens[last].start]
    variables = tuple(dict.fromkeys(token.text[1:] for token in inner if token.kind == "variable"))
    start, end = tokens[index].start, tokens[last].end
    beside = _beside(query, tokens, index, last)
    url = _endpoint(tokens[name], declared)
    return Clause(start, end, url, silent, pattern, beside, variables), last + 1


def _endpoint(token: Token, declared: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    if token.kind == "name" and prefix in declared:
        return declared[prefix] + local
    raise QueryError("SERVICE takes an endpoint's IRI here, not a variable")


def _closing(tokens: Sequence[Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        if tokens[index].text in ("{", "}") and tokens[index].kind == "mark":
            depth += 1 if tokens[index].text == "{" else -1
            if depth == 0:
                return index
    raise QueryError("a SERVICE clause whose braces do not match")


def _beside(query: str, tokens: Sequence[Token], first: int, last: int) -> str:
    """The triple patterns that the outermost group joins with a clause: those that open the group and, if nothing else
    stands between, those that follow the clause. Every solution of the group extends a solution of these."""
    opened: list[int] = []
    for index, token in enumerate(tokens[:first]):
        if token.kind == "mark" and token.text == "{":
            opened.append(index)
        elif token.kind == "mark" and token.text == "}" and opened:
            opened.pop()
    if len(opened) != 1:
        return ""
    opening = opened[0]
    before = _plain(query, tokens, opening, first)
    if not before[1]:
        return before[0]
    after = _plain(query, tokens, last, len(tokens))[0]
    return " . ".join(part for part in (before[0].strip(" .\n\t\r"), after.strip(" .\n\t\r")) if part)


def _plain(query: str, tokens: Sequence[Token], index: int, end: int) -> tuple[str, bool]:
    """(the triple patterns right after a token, whether they reach the token at ``end``)."""
    stop = index + 1
    while stop < end and not _ends_triples(tokens[stop]):
        stop += 1
    text = query[tokens[index].end : tokens[stop].start] if stop < len(tokens) else ""
    return text, stop == end


def _ends_triples(token: Token) -> bool:
    return (token.kind == "mark" and token.text in "{}") or (token.kind == "word" and token.text != "a")


def _prologue(query: str) -> str:
    """The declarations before the form's keyword."""
    for token in scan(query):
        if token.kind == "word" and token.text.upper() not in ("PREFIX", "BASE"):
            return query[: token.start]
    return ""


async def _table(clause: Clause, prologue: str, limits: RemoteLimits, local: Local) -> str:
    bound = await _bound(clause, prologue, local)
    query = f"{prologue} SELECT * WHERE {{ {bound} {clause.pattern} }}"
    try:
        found = await asyncio.to_thread(call, clause.url, query, limits)
    except ServiceError:
        if clause.silent:
            return " {} "
        raise
    return values(found)


async def _bound(clause: Clause, prologue: str, local: Local) -> str:
    """What the neighbours of a clause bind, as VALUES; ``""`` if that is unknown or too much."""
    shared = sorted(
        set(clause.variables) & {token.text[1:] for token in scan(clause.beside) if token.kind == "variable"}
    )
    if not shared:
        return ""
    names = " ".join(f"?{name}" for name in shared)
    query = f"{prologue} SELECT DISTINCT {names} WHERE {{ {clause.beside} }} LIMIT {_MOST_BOUND + 1}"
    found = await local(query)
    if found is None or len(found.rows) > _MOST_BOUND:
        return ""
    if any(value.get("type") == "bnode" for row in found.rows for value in row.values()):
        return ""
    return values(found)


def values(found: Bindings) -> str:
    """A result as a VALUES block.

    :raises ServiceError: if a name or value is not what SPARQL allows.
    """
    names = [name for name in found.names if _NAME.fullmatch(name)]
    if len(names) != len(found.names):
        raise ServiceError("the endpoint's answer has a variable without a proper name")
    rows = " ".join(f"({' '.join(_term(row.get(name)) for name in names)})" for row in found.rows)
    return f" VALUES ({' '.join('?' + name for name in names)}) {{ {rows} }} "


def _term(value: dict[str, str] | None) -> str:
    if value is None:
        return "UNDEF"
    kind, text = value.get("type"), str(value.get("value", ""))
    if kind == "uri" and _IRI.fullmatch(text):
        return f"<{text}>"
    if kind == "bnode":
        return f"<urn:blank:{''.join(character for character in text if character.isalnum())}>"
    if kind in ("literal", "typed-literal"):
        return _literal(text, str(value.get("xml:lang", "")), str(value.get("datatype", "")))
    raise ServiceError("the endpoint's answer has a term of an unknown kind")


def _literal(text: str, language: str, datatype: str) -> str:
    quoted = f'"{text.translate(_ESCAPES)}"'
    if _LANGUAGE.fullmatch(language):
        return f"{quoted}@{language}"
    return f"{quoted}^^<{datatype}>" if _IRI.fullmatch(datatype) else quoted
