"""Errors that teach: where a query is wrong, which token, and what may have been meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from codegrey.serve.problems import Problem
from codegrey.serve.syntax import Token, prefixes, scan
from codegrey.vocab import PREFIXES

_POSITION: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_EXPECTED: Final = re.compile(r"expected (?:one of )?(.*)", re.DOTALL)
_MOST_EXPECTED: Final = 8
_WORD_LIST: Final = """
    SELECT ASK CONSTRUCT DESCRIBE PREFIX BASE WHERE FROM NAMED GRAPH OPTIONAL UNION MINUS FILTER BIND VALUES SERVICE
    SILENT
    DISTINCT REDUCED GROUP HAVING ORDER BY ASC DESC LIMIT OFFSET AS IN NOT EXISTS UNDEF TRUE FALSE A SEPARATOR COUNT SUM
    AVG MIN MAX SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT
    STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS
    TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK
    ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE ADJUST LATERAL TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE
"""
_WORDS: Final = frozenset(_WORD_LIST.split())


def syntax_problem(query: str, message: str) -> Problem:
    """The problem of a query that is no SPARQL: line, column, the token there, what was expected.

    :param message: the parser's words, ``error at LINE:COLUMN: expected …`` (columns count code points from 1).
    """
    found = _POSITION.match(message)
    if found is None:
        return Problem(400, "syntax", "The query is not SPARQL 1.1.", message)
    tokens = tuple(scan(query))
    line, column = int(found.group(1)), int(found.group(2))
    unknown = _undeclared(tokens, query) if "Prefix not found" in message else None
    reached = _offset(query, line, column)
    token = unknown or _culprit(tokens, reached)
    if token is not None:
        line, column = position(query, token.start)
    word = token.text if token is not None else ""
    if unknown is not None:
        what = f"the prefix {word.split(':')[0]}: is not declared"
    else:
        what = f"{word!r} does not fit here" if word else "the query ends too soon"
    hint = _hint(query, tokens, token, undeclared=unknown)
    problem = Problem(400, "syntax", "The query is not SPARQL 1.1.", f"Line {line}, column {column}: {what}.", hint)
    expected = _expected(message) if token is None or token.start == reached else []
    return problem.with_extra(line=line, column=column, token=word, expected=expected)


def position(query: str, offset: int) -> tuple[int, int]:
    """(line, column) of an offset, both from 1."""
    before = query[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _offset(query: str, line: int, column: int) -> int:
    begin = 0
    for _ in range(line - 1):
        begin = query.find("\n", begin) + 1
    return begin + column - 1


def _culprit(tokens: Sequence[Token], offset: int) -> Token | None:
    """The token to point at. The parser says how far it came; a word that SPARQL does not have, or a quote without its
    fellow, is what stopped it there."""
    for token in tokens:
        if token.start > offset:
            break
        if _is_unknown(token) or _is_open_quote(token):
            return token
    return next((token for token in tokens if token.end > offset), None)


def _is_unknown(token: Token) -> bool:
    return token.kind == "word" and token.text.upper() not in _WORDS


def _is_open_quote(token: Token) -> bool:
    return token.kind == "mark" and token.text in ("'", '"')


def _undeclared(tokens: Iterable[Token], query: str) -> Token | None:
    declared = prefixes(query)
    previous = ""
    for token in tokens:
        is_declaration = previous.upper() == "PREFIX"
        if token.kind == "name" and not is_declaration and token.text.split(":")[0] not in declared:
            return token
        previous = token.text
    return None


def _expected(message: str) -> list[str]:
    """The parser's list, without what only a parser understands."""
    found = _EXPECTED.search(message)
    items = re.split(r", (?![^\[]*\])", found.group(1)) if found else []
    readable = [item.strip().strip('"') for item in items if re.fullmatch(r'"[^"]+"|[A-Z_]+', item.strip())]
    return readable[:_MOST_EXPECTED]


def _hint(query: str, tokens: Sequence[Token], token: Token | None, *, undeclared: Token | None) -> str:
    if undeclared is not None:
        return _prefix_hint(undeclared.text.split(":")[0], {**PREFIXES, **prefixes(query)})
    if token is not None and _is_unknown(token):
        near = get_close_matches(token.text.upper(), sorted(_WORDS), n=1, cutoff=0.6)
        return f"Did you mean {near[0]}?" if near else ""
    if token is not None and _is_open_quote(token):
        return "A string begins here and does not end on its line."
    marks = [item.text for item in tokens if item.kind == "mark"]
    for opening, closing in ("{}", "()", "[]"):
        if marks.count(opening) != marks.count(closing):
            return f"There are {marks.count(opening)} {opening!r} and {marks.count(closing)} {closing!r}."
    return ""


def _prefix_hint(name: str, known: Mapping[str, str]) -> str:
    exact = known.get(name)
    if exact:
        return f"Add this line: PREFIX {name}: <{exact}>"
    near = get_close_matches(name, tuple(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]}: <{known[near[0]]}>?" if near else "Declare it: PREFIX name: <namespace>"
