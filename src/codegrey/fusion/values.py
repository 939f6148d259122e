"""Claims of several articles on one node → claims in RDF, the rivals marked.

Support first (articles that say it or say it with less precision; an article that is about the incident counts twice),
then precision, then how well the source is documented, then how recent it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from codegrey.fusion.decisions import Ruling
from codegrey.fusion.rules import Choice
from codegrey.model import Article, ArticleId, CitedClaim
from codegrey.terms import Iri, Literal, Term, ntriples
from codegrey.vocab import local_name

Slot = tuple[Iri, Iri]


@dataclass(frozen=True, slots=True)
class Source:
    """What an article is worth as a source: ``focus`` on the incident, ``documented`` 0…3, ``published``."""

    focus: bool
    documented: int
    published: str

    @property
    def weight(self) -> int:
        """An article about the incident counts twice."""
        return 2 if self.focus else 1


def source_of(article: Article, *, focus: bool) -> Source:
    """An article as a source."""
    documented = sum(map(bool, (article.url, article.publisher, article.published)))
    return Source(focus, documented, article.published)


def settle(
    claims: Iterable[CitedClaim],
    choices: Mapping[Iri, Choice],
    sources: Mapping[ArticleId, Source],
    ruled: Mapping[str, Ruling] | None = None,
) -> tuple[CitedClaim, ...]:
    """Every claim once, sorted; where only one value can be, the others are disputed and say why.

    ``ruled`` are a curator's choices by the local name of the property: a value that is claimed at all then wins.
    """
    slots: dict[Slot, list[CitedClaim]] = defaultdict(list)
    for claim in _distinct(claims):
        slots[claim.subject, claim.predicate].append(claim)
    settled: list[CitedClaim] = []
    amounts: dict[Iri, Term] = {}
    for (subject, predicate), rivals in sorted(slots.items(), key=lambda item: item[0]):
        choice = choices.get(predicate)
        if choice is Choice.UNIT:
            continue
        if choice is None:
            settled.extend(rivals)
            continue
        ruling = (ruled or {}).get(local_name(predicate))
        chosen, judged = _judge(rivals, choice, sources, ruling)
        settled.extend(judged)
        if choice is Choice.MONEY:
            amounts[subject] = chosen
    settled.extend(_units(slots, choices, amounts, sources))
    return tuple(sorted(settled, key=_order))


def _units(
    slots: Mapping[Slot, list[CitedClaim]],
    choices: Mapping[Iri, Choice],
    amounts: Mapping[Iri, Term],
    sources: Mapping[ArticleId, Source],
) -> Iterable[CitedClaim]:
    """A currency follows the articles that state the chosen amount, if any of them states one."""
    money = [predicate for predicate, choice in choices.items() if choice is Choice.MONEY]
    for (subject, predicate), rivals in slots.items():
        if choices.get(predicate) is not Choice.UNIT:
            continue
        stating = {
            claim.article
            for p in money
            for claim in slots.get((subject, p), ())
            if claim.object == amounts.get(subject)
        }
        preferred = [claim for claim in rivals if claim.article in stating]
        chosen, _ = _judge(preferred or rivals, Choice.UNIT, sources)
        yield from (_mark(claim, chosen, agrees=False, why="goes with the amount") for claim in rivals)


def _distinct(claims: Iterable[CitedClaim]) -> list[CitedClaim]:
    """Of claims that say the same by the same words, the surest."""
    best: dict[tuple[Iri, Iri, str, str, int, int], CitedClaim] = {}
    for claim in sorted(claims, key=lambda c: (-c.confidence, c.extractor, c.rule)):
        words = claim.evidence
        key = (claim.subject, claim.predicate, ntriples(claim.object), claim.article, words.start, words.end)
        best.setdefault(key, claim)
    return list(best.values())


def _order(claim: CitedClaim) -> tuple[str, str, str, str, int, int]:
    words = claim.evidence
    return claim.subject, claim.predicate, ntriples(claim.object), claim.article, words.start, words.end


def _judge(
    rivals: Sequence[CitedClaim],
    choice: Choice,
    sources: Mapping[ArticleId, Source],
    ruling: Ruling | None = None,
) -> tuple[Term, list[CitedClaim]]:
    agrees = _dates_agree if choice is Choice.DATE else _numbers_agree if choice is not Choice.UNIT else _same
    values = sorted({claim.object for claim in rivals}, key=ntriples)
    if len(values) == 1:
        return values[0], list(rivals)
    ranks = {value: _rank(value, rivals, agrees, sources) for value in values}
    chosen = max(values, key=lambda value: (*ranks[value], _reversed(ntriples(value))))
    decided = [value for value in values if ruling and isinstance(value, Literal) and value.lexical == ruling.value]
    chosen = decided[0] if decided else chosen
    judged = []
    for claim in rivals:
        why = ruling.words if ruling and decided else _why(ranks[chosen], ranks[claim.object])
        judged.append(_mark(claim, chosen, agrees=agrees(claim.object, chosen), why=why))
    return chosen, judged


Rank = tuple[int, int, int, float, str]
_REASONS = (
    "is better supported",
    "is more precise",
    "comes from a better documented source",
    "is stated more clearly",
    "was reported later",
)


def _rank(
    value: Term,
    rivals: Sequence[CitedClaim],
    agrees: Callable[[Term, Term], bool],
    sources: Mapping[ArticleId, Source],
) -> Rank:
    """Support, precision, documentation, clarity, recency: what counts, in this order."""
    backing = {claim.article for claim in rivals if agrees(claim.object, value)}
    stating = {claim.article for claim in rivals if claim.object == value}
    return (
        sum(sources[article].weight for article in backing),
        len(value.lexical) if isinstance(value, Literal) and agrees is _dates_agree else 0,
        max(sources[article].documented for article in stating),
        round(max(claim.confidence for claim in rivals if claim.object == value), 4),
        max(sources[article].published for article in stating),
    )


def _why(won: Rank, lost: Rank) -> str:
    """The first thing that told two values apart."""
    told = (reason for reason, left, right in zip(_REASONS, won, lost, strict=True) if left != right)
    return next(told, "was taken: nothing tells the two apart, and it is the smaller")


def _reversed(words: str) -> str:
    """A string that sorts the other way round: of values that nothing tells apart, the smallest wins."""
    return "".join(chr(0x10FFFF - ord(c)) for c in words) + chr(0x10FFFF)


def _dates_agree(left: Term, right: Term) -> bool:
    """Whether the left is the right one, perhaps with less precision."""
    return isinstance(left, Literal) and isinstance(right, Literal) and right.lexical.startswith(left.lexical)


def _numbers_agree(left: Term, right: Term) -> bool:
    if left == right:
        return True
    if not isinstance(left, Literal) or not isinstance(right, Literal):
        return False
    try:
        return float(left.lexical) == float(right.lexical)
    except ValueError:
        return False


def _same(left: Term, right: Term) -> bool:
    return left == right


def _mark(claim: CitedClaim, chosen: Term, *, agrees: bool, why: str) -> CitedClaim:
    if claim.object == chosen:
        return claim
    shown = chosen.lexical if isinstance(chosen, Literal) else chosen
    if agrees:
        return replace(claim, asserted=False, reason=f"Agrees with {shown}, which is given.")
    return replace(claim, disputed=True, asserted=False, reason=f"{shown} {why}.")
