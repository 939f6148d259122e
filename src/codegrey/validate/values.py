"""Literals as SHACL looks at them: well-formed or not, smaller or greater, the same or not.

What is not known for certain is :class:`Undecided`, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from codegrey.terms import LANG_STRING, STRING, XSD, Iri, Literal, Term


class Undecided(Exception):  # noqa: N818
    """A question that the screen leaves to pyshacl."""


_INTEGERS = frozenset(XSD + n for n in ("integer", "nonNegativeInteger"))
_NUMBERS = _INTEGERS | {XSD + "decimal"}
_FORMS = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "nonNegativeInteger": re.compile(r"\+?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)"),
    XSD + "boolean": re.compile(r"true|false"),
    XSD + "gYear": re.compile(r"[1-9][0-9]{3}"),
    XSD + "gYearMonth": re.compile(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])"),
    XSD + "date": re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"),
    XSD + "dateTime": re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"),
}
_READERS: dict[str, Callable[[str], object]] = {
    XSD + "date": date.fromisoformat,
    XSD + "dateTime": datetime.fromisoformat,
}


def has_datatype(term: Term, datatype: Iri) -> bool:
    """sh:datatype: the literal is of the datatype and well-formed.

    :raises Undecided: if its form is not one of the plain ones that are known here.
    """
    if not isinstance(term, Literal) or term.datatype != datatype:
        return False
    if datatype in (STRING, LANG_STRING):
        return True
    form = _FORMS.get(datatype)
    if form is None or not form.fullmatch(term.lexical):
        raise Undecided
    try:
        _READERS.get(datatype, str)(term.lexical)
    except ValueError as error:
        raise Undecided from error
    return True


def less(a: Term, b: Term) -> bool:
    """Whether a literal is smaller than another.

    :raises Undecided: unless both are numbers, or both are days.
    """
    if not isinstance(a, Literal) or not isinstance(b, Literal):
        raise Undecided
    if (
        a.datatype in _NUMBERS
        and b.datatype in _NUMBERS
        and has_datatype(a, a.datatype)
        and has_datatype(b, b.datatype)
    ):
        return Decimal(a.lexical) < Decimal(b.lexical)
    if a.datatype == b.datatype == XSD + "date" and has_datatype(a, a.datatype) and has_datatype(b, b.datatype):
        return a.lexical < b.lexical
    raise Undecided


def same(a: Term, b: Term) -> bool:
    """Whether two terms are the same.

    :raises Undecided: if they are written differently and may be told to be the same after normalisation.
    """
    if a == b:
        return True
    if isinstance(a, Literal) and isinstance(b, Literal) and a.datatype == b.datatype and a.datatype != STRING:
        if a.language.lower() != b.language.lower() or (a.language and a.language == b.language):
            return False
        if not (has_datatype(a, a.datatype) and has_datatype(b, b.datatype)):
            raise Undecided
        if a.datatype in _NUMBERS and Decimal(a.lexical) != Decimal(b.lexical):
            return False
        if a.datatype in _NUMBERS or a.language:
            raise Undecided
    return False


def lexical(term: Term) -> str:
    """The characters of a literal or IRI."""
    return term.lexical if isinstance(term, Literal) else term
