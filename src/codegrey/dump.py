"""Quads → text, byte for byte the same on every machine: N-Quads, Turtle, TriG.

    quads ──► nquads  one line a quad, lines in code-point order (``LC_ALL=C sort -c`` agrees)
          ├─► turtle  prefixes, one block a subject, predicates in order with ``a`` first
          └─► trig    the same, one block a graph

All three drop duplicates and yield text piece by piece; :func:`write` puts it in a file and returns its SHA-256.
They write from the values, never from a store, so that every literal keeps the lexical form it came with.
Grammars: https://www.w3.org/TR/n-quads/, https://www.w3.org/TR/turtle/, https://www.w3.org/TR/trig/.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from codegrey.terms import STRING, XSD, Iri, Literal, Quad, Term, Triple, escape, ntriples
from codegrey.vocab import PREFIXES, TYPE

Write = Callable[[Term], str]

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_RELATIVE = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_~%-][A-Za-z0-9_.~%-]*)*")
_PLAIN = {  # literals that Turtle writes bare, by datatype, where the bare form is the lexical form
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]*"),
    XSD + "decimal": re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_CHUNK = 1 << 16
_WIDTH = 110


def nquads(quads: Iterable[Quad]) -> Iterator[str]:
    """One line a quad, sorted by code point, no line twice."""
    form = _memo(ntriples)
    lines = sorted({f"{form(s)} {form(p)} {form(o)} {form(g)} .\n" for s, p, o, g in quads})
    yield from lines


def turtle(triples: Iterable[Triple], *, base: str = "", prefixes: Mapping[str, str] = PREFIXES) -> Iterator[str]:
    """A Turtle document; IRIs below ``base`` are written relative to it."""
    write = _memo(_shortener(base, prefixes))
    yield from _header(base, prefixes)
    yield from _blocks(triples, write, indent="")


def trig(quads: Iterable[Quad], *, base: str = "", prefixes: Mapping[str, str] = PREFIXES) -> Iterator[str]:
    """A TriG document, one block a graph in the order of their IRIs."""
    write = _memo(_shortener(base, prefixes))
    graphs: dict[Iri, list[Triple]] = {}
    for s, p, o, g in quads:
        graphs.setdefault(g, []).append((s, p, o))
    yield from _header(base, prefixes)
    for graph in sorted(graphs):
        yield f"\n{write(graph)} {{"
        yield from _blocks(graphs[graph], write, indent="    ")
        yield "}\n"


def write(path: Path, pieces: Iterable[str]) -> str:
    """Write the pieces as UTF-8, force them to disk, and return the hex SHA-256 of the bytes.

    Lone surrogates, which no UTF-8 file can hold, become ``?``: one for one, so that offsets stay true.
    """
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        for chunk in _chunks(pieces):
            data = chunk.encode("utf-8", errors="replace")
            digest.update(data)
            stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _chunks(pieces: Iterable[str]) -> Iterator[str]:
    """Join small pieces, so that writing and hashing are not called once a line."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _memo(form: Write) -> Write:
    """Remember the form of IRIs: a few hundred make up most of a dump. Literals are mostly read once."""
    known: dict[Term, str] = {}

    def remembered(term: Term) -> str:
        if isinstance(term, Literal):
            return form(term)
        written = known.get(term)
        if written is None:
            written = known[term] = form(term)
        return written

    return remembered


def _header(base: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    if base and base.endswith("/"):
        yield f"@base {ntriples(Iri(base))} .\n"
    for name in sorted(prefixes):
        yield f"@prefix {name}: {ntriples(Iri(prefixes[name]))} .\n"


def _blocks(triples: Iterable[Triple], write: Write, *, indent: str) -> Iterator[str]:
    """One block a subject. Order: subject, then ``a``, then predicate, then object, by N-Triples form."""
    form = _memo(ntriples)
    rows = sorted({(form(s), "" if p == TYPE else form(p), form(o)): (s, p, o) for s, p, o in triples}.items())
    for _, block in groupby(rows, key=lambda row: row[0][0]):
        yield _block([triple for _, triple in block], write, indent)


def _block(triples: list[Triple], write: Write, indent: str) -> str:
    subject = write(triples[0][0])
    parts = [_objects(p, [o for _, _, o in group], write, indent) for p, group in groupby(triples, key=lambda t: t[1])]
    return f"\n{indent}{subject} " + f" ;\n{indent}    ".join(parts) + " .\n"


def _objects(predicate: Iri, objects: list[Term], write: Write, indent: str) -> str:
    verb = "a" if predicate == TYPE else write(predicate)
    written = [write(o) for o in objects]
    line = f"{verb} {', '.join(written)}"
    if len(written) == 1 or len(line) <= _WIDTH:
        return line
    return f"{verb}\n{indent}        " + f",\n{indent}        ".join(written)


def _shortener(base: str, prefixes: Mapping[str, str]) -> Write:
    """How Turtle writes a term: bare number, prefixed name, IRI relative to the base, or in full."""
    spaces = {space: name for name, space in prefixes.items()}

    def short(iri: Iri) -> str:
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        name = spaces.get(iri[:cut])
        if name is not None and _LOCAL.fullmatch(iri, cut):
            return f"{name}:{iri[cut:]}"
        if base.endswith("/") and iri.startswith(base) and _RELATIVE.fullmatch(iri, len(base)):
            return f"<{iri[len(base) :]}>"
        return ntriples(iri)

    def form(term: Term) -> str:
        if not isinstance(term, Literal):
            return short(term)
        if term.language or term.datatype == STRING:
            return ntriples(term)
        bare = _PLAIN.get(term.datatype)
        if bare is not None and bare.fullmatch(term.lexical):
            return term.lexical
        return f'"{escape(term.lexical)}"^^{short(term.datatype)}'

    return form
