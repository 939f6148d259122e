"""The constraint components of SHACL Core (https://www.w3.org/TR/shacl/#core-components) as functions.

A ``Check`` judges one node; a ``ValuesCheck`` judges the value nodes of a focus node together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TypeAlias

from codegrey.terms import Iri, Literal, Term
from codegrey.validate.values import Undecided, has_datatype, less, lexical, same
from codegrey.validate.view import Path, View, is_iri
from codegrey.vocab import SH

Check: TypeAlias = Callable[[View, Term], bool]
ValuesCheck: TypeAlias = Callable[[View, Term, Collection[Term]], bool]


def on_values(path: Path | None, checks: tuple[ValuesCheck, ...]) -> Check:
    """A shape: its constraints on what its path leads to, or on the node itself."""

    def check(view: View, node: Term) -> bool:
        values = (node,) if path is None else path(view, node)
        return all(constraint(view, node, values) for constraint in checks)

    return check


def every(check: Check) -> ValuesCheck:
    """Each value conforms."""
    return lambda view, _, values: all(check(view, value) for value in values)


def negation(check: Check) -> Check:
    """sh:not."""
    return lambda view, value: not check(view, value)


def _any(checks: tuple[Check, ...]) -> Check:
    return lambda view, value: any(check(view, value) for check in checks)


def _all(checks: tuple[Check, ...]) -> Check:
    return lambda view, value: all(check(view, value) for check in checks)


def _one(checks: tuple[Check, ...]) -> Check:
    return lambda view, value: sum(check(view, value) for check in checks) == 1


def qualified(check: Check, least: int, most: int | None) -> ValuesCheck:
    """sh:qualifiedValueShape with its counts."""

    def judge(view: View, node: Term, values: Collection[Term]) -> bool:  # noqa: ARG001
        count = sum(check(view, value) for value in values)
        return count >= least and (most is None or count <= most)

    return judge


def pattern(expression: str, flags: str) -> ValuesCheck:
    """sh:pattern; flags other than ``i`` are left open."""
    options = re.IGNORECASE if flags == "i" else re.NOFLAG
    compiled = re.compile(expression, options)

    def judge(view: View, node: Term, values: Collection[Term]) -> bool:  # noqa: ARG001
        if flags not in ("", "i"):
            raise Undecided
        return all(compiled.search(lexical(value)) for value in values)

    return judge


def _each(test: Callable[[View, Term], bool]) -> ValuesCheck:
    return lambda view, _, values: all(test(view, value) for value in values)


def _in(allowed: tuple[Term, ...]) -> ValuesCheck:
    return _each(lambda _, value: any(same(value, term) for term in allowed))


def _language_in(ranges: tuple[Term, ...]) -> ValuesCheck:
    tags = tuple(lexical(term).lower() for term in ranges)

    def fits(_: View, value: Term) -> bool:
        language = value.language.lower() if isinstance(value, Literal) else ""
        return bool(language) and any(language == tag or language.startswith(f"{tag}-") for tag in tags)

    return _each(fits)


def _min_count(value: Term) -> ValuesCheck:
    least = int(lexical(value))
    return lambda _, __, values: len(values) >= least


def _max_count(value: Term) -> ValuesCheck:
    most = int(lexical(value))
    return lambda _, __, values: len(values) <= most


def _class(kind: Term) -> ValuesCheck:
    return _each(lambda view, value: view.is_a(value, Iri(lexical(kind))))


def _datatype(datatype: Term) -> ValuesCheck:
    return _each(lambda _, value: has_datatype(value, Iri(lexical(datatype))))


def _node_kind(kind: Term) -> ValuesCheck:
    iris = kind in (SH["IRI"], SH["IRIOrLiteral"], SH["BlankNodeOrIRI"])
    literals = kind in (SH["Literal"], SH["IRIOrLiteral"], SH["BlankNodeOrLiteral"])
    return _each(lambda _, value: iris if is_iri(value) else literals)


def _min_length(value: Term) -> ValuesCheck:
    least = int(lexical(value))
    return _each(lambda _, term: len(lexical(term)) >= least)


def _max_length(value: Term) -> ValuesCheck:
    most = int(lexical(value))
    return _each(lambda _, term: len(lexical(term)) <= most)


def _has_value(wanted: Term) -> ValuesCheck:
    return lambda _, __, values: any(same(value, wanted) for value in values)


def _equals(predicate: Term) -> ValuesCheck:
    p = Iri(lexical(predicate))

    def judge(view: View, node: Term, values: Collection[Term]) -> bool:
        others = view.objects(node, p)
        return all(_among(value, others) for value in values) and all(_among(other, values) for other in others)

    return judge


def _disjoint(predicate: Term) -> ValuesCheck:
    p = Iri(lexical(predicate))
    return lambda view, node, values: not any(_among(value, view.objects(node, p)) for value in values)


def _among(term: Term, others: Collection[Term]) -> bool:
    return any(same(term, other) for other in others)


def _unique_lang(flag: Term) -> ValuesCheck:
    def judge(view: View, node: Term, values: Collection[Term]) -> bool:  # noqa: ARG001
        tags = [value.language.lower() for value in values if isinstance(value, Literal) and value.language]
        return lexical(flag) != "true" or len(tags) == len(set(tags))

    return judge


def _bound(fits: Callable[[Term, Term], bool]) -> Callable[[Term], ValuesCheck]:
    """sh:minInclusive and the like: each value against the bound."""
    return lambda bound: _each(lambda _, value: fits(value, bound))


def _pairwise(fits: Callable[[Term, Term], bool]) -> Callable[[Term], ValuesCheck]:
    """sh:lessThan and the like: each value against each value of another predicate."""

    def make(predicate: Term) -> ValuesCheck:
        p = Iri(lexical(predicate))
        return lambda view, node, values: all(fits(v, other) for v in values for other in view.objects(node, p))

    return make


COMBINED: dict[str, Callable[[tuple[Check, ...]], Check]] = {"or": _any, "and": _all, "xone": _one}
LISTED: dict[str, Callable[[tuple[Term, ...]], ValuesCheck]] = {"in": _in, "languageIn": _language_in}
SIMPLE: dict[str, Callable[[Term], ValuesCheck]] = {
    "class": _class,
    "datatype": _datatype,
    "disjoint": _disjoint,
    "equals": _equals,
    "hasValue": _has_value,
    "lessThan": _pairwise(less),
    "lessThanOrEquals": _pairwise(lambda a, b: not less(b, a)),
    "maxCount": _max_count,
    "maxExclusive": _bound(less),
    "maxInclusive": _bound(lambda value, bound: not less(bound, value)),
    "maxLength": _max_length,
    "minCount": _min_count,
    "minExclusive": _bound(lambda value, bound: less(bound, value)),
    "minInclusive": _bound(lambda value, bound: not less(value, bound)),
    "minLength": _min_length,
    "nodeKind": _node_kind,
    "uniqueLang": _unique_lang,
}
OF_PROPERTIES = frozenset({"minCount", "maxCount", "lessThan", "lessThanOrEquals", "uniqueLang"})
