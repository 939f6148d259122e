"""Words that a model says stand in an article: found there letter for letter, or not believed."""

from __future__ import annotations

from codegrey.model import Span

SHORTEST, LONGEST = 4, 600  # characters: less proves nothing, and neither does half an article
_MANY = 1_000  # places of one quote that are looked at


def find_quote(text: str, quote: object, window: tuple[int, int], near: int) -> Span | None:
    """The place of a quote within a window of the text: of several, the one that begins nearest to ``near``."""
    if not isinstance(quote, str) or not SHORTEST <= len(quote.strip()) <= LONGEST:
        return None
    places = occurrences(text, quote.strip(), window)
    return min(places, key=lambda span: (abs(span.start - near), span.start), default=None)


def occurrences(text: str, words: str, window: tuple[int, int] | None = None) -> tuple[Span, ...]:
    """Every place where words stand verbatim, whole words only, in their order."""
    start, end = window or (0, len(text))
    found: list[Span] = []
    at = text.find(words, start, end) if words else -1
    while at >= 0 and len(found) < _MANY:
        span = Span(at, at + len(words), words)
        if _whole(text, span):
            found.append(span)
        at = text.find(words, at + 1, end)
    return tuple(found)


def _whole(text: str, span: Span) -> bool:
    """Whether a span neither begins nor ends within a word."""
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    return not (before.isalnum() and span.exact[0].isalnum()) and not (after.isalnum() and span.exact[-1].isalnum())
