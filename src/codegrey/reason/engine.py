"""Apply compiled rules to a graph until nothing new follows: semi-naive, each fact looked at once.

Linear in the facts and what follows from them; the terminology's size does not matter after compilation.
"""

from __future__ import annotations

from collections.abc import Iterable

from codegrey.reason.facts import Facts, Names
from codegrey.reason.reference import closed_by_owlrl
from codegrey.reason.tbox import Rules, worth_stating
from codegrey.terms import Iri, Triple
from codegrey.vocab import OWL, TYPE


def entail(triples: Iterable[Triple], rules: Rules) -> frozenset[Triple]:
    """What follows from the triples and is not among them.

    Nothing about the ontology's own terms, nothing trivial (everything is a Thing), no literal subjects; owl:sameAs
    is neither followed nor derived.
    """
    names = Names(rules.names)
    facts = Facts(type_id=names.id(TYPE), joined=rules.joined)
    facts.give(rules.background, queue=False)
    number = names.id
    facts.give(((number(s), number(p), number(o)) for s, p, o in triples if p in rules.relevant), queue=True)
    _run(facts, rules)
    term = names.term
    found = ((Iri(str(term(s))), Iri(str(term(p))), term(o)) for s, p, o in facts.derived)
    return frozenset(triple for triple in found if worth_stating(triple, rules))


def entail_with_owlrl(triples: Iterable[Triple], ontology: Iterable[Triple], rules: Rules) -> frozenset[Triple]:
    """The same by owlrl, without any shortcut: the reference that :func:`entail` is tested against.

    Cubic: for graphs of some hundred triples.
    """
    given = frozenset(triples)
    whole = frozenset(triple for triple in (*given, *ontology) if triple[1] != OWL["sameAs"])
    return frozenset(triple for triple in closed_by_owlrl(whole) - given if worth_stating(triple, rules))


def _run(facts: Facts, rules: Rules) -> None:
    by_class, by_property = rules.by_class, rules.by_property
    for s, p, o in facts.drain():
        if p == facts.type_id:
            for class_rule in by_class.get(o, ()):
                class_rule.fire(facts, s)
        else:
            for property_rule in by_property.get(p, ()):
                property_rule.fire(facts, s, o)
