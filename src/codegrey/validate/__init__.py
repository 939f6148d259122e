"""What is asserted, judged: SHACL shapes incident by incident, and what must hold of the whole as SPARQL.

load_shapes()                          ──► Shapes
validate(quads, shapes, ontology, …)   ──► findings; each names the incident, the article and its words
rejected(findings)                     ──► the incidents to leave out (codegrey.graph.without)
check_store(store, base)               ──► findings on the whole: unclaimed facts, blank nodes, loose ends, quotes
"""

from codegrey.validate.checks import check_store
from codegrey.validate.incidents import rejected, validate
from codegrey.validate.shacl import Shapes, load_shapes

__all__ = ["Shapes", "check_store", "load_shapes", "rejected", "validate"]
