"""Where an article's story takes place, and which of several bodies of one name is meant there.

There is a National Cyber Security Centre in London, Dublin and The Hague: the one of the country that the article
speaks of is meant. Countries are told by the towns, hospitals and bodies whose names leave no doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from codegrey.extract.gazetteer import Found
from codegrey.registry import Places
from codegrey.text import Document

KNOWN_BODY = 3  # a body or hospital of the registry counts as much as this many towns


def at_home(document: Document, found: list[tuple[int, Found]], places: Places) -> list[tuple[int, Found]]:
    """The entries found, those of an ambiguous name taken for the one of the article's country."""
    if not any(hit.rivals for _, hit in found):
        return found
    votes = _votes(document, (hit for _, hit in found), places)
    return [(index, _settled(hit, votes)) for index, hit in found]


def _votes(document: Document, hits: Iterable[Found], places: Places) -> Counter[str]:
    votes: Counter[str] = Counter()
    for hit in hits:
        if not hit.rivals and hit.entry.country:
            votes[hit.entry.country] += KNOWN_BODY
    names = {t.text for s in document.sentences for t in s.tokens if t.capitalised and len(t.text) > 3}
    for name in sorted(names):
        if country := places.country_of(name):
            votes[country] += 1
    return votes


def _settled(hit: Found, votes: Counter[str]) -> Found:
    if not hit.rivals or not votes:
        return hit
    candidates = (hit.entry, *hit.rivals)
    best = max(candidates, key=lambda entry: votes[entry.country] if entry.country else 0)
    return replace(hit, entry=best)
