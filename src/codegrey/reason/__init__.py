"""What follows from the facts by OWL 2 RL: the terminology is compiled once, then any graph runs through it.

compile_rules(ontology.triples) ──► Rules
entail(triples, rules)          ──► only what is new          graph/entailed
contradictions(triples, rules)  ──► findings: what the ontology says cannot be
"""

from codegrey.reason.consistency import contradictions
from codegrey.reason.engine import entail, entail_with_owlrl
from codegrey.reason.tbox import Rules, compile_rules

__all__ = ["Rules", "compile_rules", "contradictions", "entail", "entail_with_owlrl"]
