"""RDF terms as frozen values, and their N-Triples form.

codegrey keeps the lexical form of every literal as it was written, because triple stores
normalise (`1.50` becomes `1.5`); dumps are written from these values, never from a store.
There are no blank nodes (see docs/decisions).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NewType, TypeAlias

Iri = NewType("Iri", str)

XSD = "http://www.w3.org/2001/XMLSchema#"
STRING = Iri(XSD + "string")
LANG_STRING = Iri("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")


@dataclass(frozen=True, slots=True, order=True)
class Literal:
    """A literal: lexical form, datatype IRI, and a language tag only with ``rdf:langString``."""

    lexical: str
    datatype: Iri = STRING
    language: str = ""


Term: TypeAlias = Iri | Literal
Triple: TypeAlias = tuple[Iri, Iri, Term]
Quad: TypeAlias = tuple[Iri, Iri, Term, Iri]

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SPECIAL = re.compile(r'[\x00-\x1f\x7f"\\]')
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def text(value: str, language: str) -> Literal:
    """A language-tagged string."""
    return Literal(value, LANG_STRING, language)


def typed(value: object, datatype: str) -> Literal:
    """A literal of an XML Schema datatype, by its local name (`date`, `integer` …)."""
    return Literal(str(value), Iri(XSD + datatype))


def escape(value: str) -> str:
    """Escape a string for an N-Triples or Turtle literal (RDF 1.1 N-Triples, section 2.4)."""
    return _SPECIAL.sub(lambda m: _ESCAPES.get(m.group(), f"\\u{ord(m.group()):04X}"), value)


def ntriples(term: Term) -> str:
    """The canonical N-Triples form of a term."""
    if isinstance(term, Literal):
        quoted = f'"{escape(term.lexical)}"'
        if term.language:
            return f"{quoted}@{term.language}"
        return quoted if term.datatype == STRING else f"{quoted}^^<{term.datatype}>"
    return f"<{_NOT_IN_IRI.sub(lambda m: f'%{ord(m.group()):02X}', term)}>"
