"""How one article was read: every claim in its place, the rule behind it, and what was read and not believed.

Report ── view ──► View ── page ──► HTML
                        └► cli/explain: a terminal
"""

from codegrey.explain.page import page
from codegrey.explain.view import KINDS, Case, Kind, Note, Proof, Refused, Segment, View, kind_of, view

__all__ = ["KINDS", "Case", "Kind", "Note", "Proof", "Refused", "Segment", "View", "kind_of", "page", "view"]
