"""What the ontology says cannot be: cax-dw and cax-adc of OWL 2 RL (nothing is of two disjoint classes)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from codegrey.model import Finding, Severity
from codegrey.reason.tbox import Rules
from codegrey.terms import Iri, Literal, Triple
from codegrey.vocab import TYPE, local_name


def contradictions(triples: Iterable[Triple], rules: Rules) -> tuple[Finding, ...]:
    """A finding for each node and pair of disjoint classes that it is in, sorted.

    ``triples`` are the asserted and the entailed ones together; only their types are read.
    """
    kinds: defaultdict[Iri, set[Iri]] = defaultdict(set)
    for s, p, o in triples:
        if p == TYPE and not isinstance(o, Literal):
            kinds[s].add(o)
    pairs = sorted(rules.disjoint)
    clashes: dict[frozenset[Iri], list[tuple[Iri, Iri]]] = {}
    findings: list[Finding] = []
    for node in sorted(kinds):
        key = frozenset(kinds[node])
        if key not in clashes:  # few sets of classes, many nodes
            clashes[key] = [(a, b) for a, b in pairs if a in key and b in key]
        findings += [_finding(node, a, b) for a, b in clashes[key]]
    return tuple(findings)


def _finding(node: Iri, a: Iri, b: Iri) -> Finding:
    return Finding(
        Severity.ERROR,
        "owl/cax-dw",
        f"is both a {local_name(a)} and a {local_name(b)}, which nothing can be",
        source=node,
        hint="look at the claims about it: one of them has the wrong kind, or two things share one node",
    )
