"""From a name in an article to a node of the registry.

    Organisation ── names, city, country ──► Mention ── Index ──► candidates ── compare ──► Decision

A decision is ``certain`` (the registry's node, ``owl:sameAs``), ``likely`` (``skos:closeMatch`` with a score) or none.
Every candidate is kept with its features, so that a decision can be looked into and overruled.
"""

from __future__ import annotations

from codegrey.link.compare import Features, Mention
from codegrey.link.decide import Candidate, Decision, Verdict, link, link_mention, mention_of
from codegrey.link.index import Index, make_index
from codegrey.link.names import Key, NameParts, load_name_parts, name_parts
from codegrey.link.verdicts import Verdicts, read_verdicts

__all__ = [
    "Candidate",
    "Decision",
    "Features",
    "Index",
    "Key",
    "Mention",
    "NameParts",
    "Verdict",
    "Verdicts",
    "link",
    "link_mention",
    "load_name_parts",
    "make_index",
    "mention_of",
    "name_parts",
    "read_verdicts",
]
