"""Content negotiation as RFC 9110, section 12.5, has it: q-values, specificity, q=0."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from codegrey.serve.formats import RDF, RESULTS, Format

_T = TypeVar("_T")
_PARAMETER: Final = re.compile(r";\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;,\s]*)")
_QUALITY: Final = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?|\.\d{1,3})")
HTML: Final = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Range:
    """One media range (or coding) of a header, with its quality and how specific it is (0 to 2)."""

    main: str
    sub: str
    quality: float

    @property
    def specificity(self) -> int:
        """2 for ``text/csv``, 1 for ``text/*``, 0 for ``*/*``."""
        return (self.main != "*") + (self.sub != "*")


def _split(header: str) -> list[str]:
    """Split at commas outside quoted strings."""
    return re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+', header)


def _quality(element: str) -> float:
    for name, value in _PARAMETER.findall(element):
        if name.lower() == "q":
            return float(value) if _QUALITY.fullmatch(value) else 0.0
    return 1.0


@lru_cache(maxsize=512)
def parse_accept(header: str) -> tuple[Range, ...]:
    """Parse ``Accept``. An element that is no media range is left out; an empty header means ``*/*``."""
    ranges = []
    for element in _split(header):
        name = element.split(";", 1)[0].strip().lower()
        main, slash, sub = name.partition("/")
        if name == "*":
            main, slash, sub = "*", "/", "*"
        if slash and main and sub and not (main == "*" and sub != "*"):
            ranges.append(Range(main, sub, _quality(element)))
    return tuple(ranges) if header.strip() else (Range("*", "*", 1.0),)


def quality_of(media_type: str, ranges: Sequence[Range]) -> tuple[float, int]:
    """(quality, specificity) that the most specific matching range gives a media type; (0, -1) if none matches."""
    main, _, sub = media_type.partition("/")
    best = (0.0, -1)
    for item in ranges:
        if item.main in ("*", main) and item.sub in ("*", sub) and item.specificity > best[1]:
            best = (item.quality, item.specificity)
    return best


def best(offers: Sequence[tuple[str, _T, bool]], accept: str) -> _T | None:
    """The offer that the client likes most; among equals the most specific match, then the first offer.

    An offer is (media type, value, whether answers carry that type); an alias counts only where it is named in full.
    """
    ranges = parse_accept(accept)
    chosen: _T | None = None
    score = (0.0, -1)
    for media_type, value, own in offers:
        found = quality_of(media_type, ranges)
        if found[0] > 0 and found > score and (own or found[1] == 2):
            chosen, score = value, found
    return chosen


def offers(formats: Sequence[Format]) -> tuple[tuple[str, Format, bool], ...]:
    """Formats as :func:`best` takes them."""
    return tuple((media, item, media == item.media_types[0]) for item in formats for media in item.media_types)


_RESULT_OFFERS: Final = offers(RESULTS)
_RDF_OFFERS: Final = offers(RDF)


@lru_cache(maxsize=1024)
def results_format(accept: str) -> Format | None:
    """The format of a table or boolean for this ``Accept``; ``None``: not acceptable."""
    return best(_RESULT_OFFERS, accept)


@lru_cache(maxsize=1024)
def rdf_format(accept: str) -> Format | None:
    """The format of a graph for this ``Accept``; ``None``: not acceptable."""
    return best(_RDF_OFFERS, accept)


@lru_cache(maxsize=1024)
def wants_html(accept: str) -> bool:
    """Whether a person's browser asks: HTML is named, and no RDF or results format is liked as much by name."""
    ranges = parse_accept(accept)
    html = max(quality_of(media, [item for item in ranges if item.specificity == 2])[0] for media in HTML)
    if html == 0:
        return False
    named = [item for item in ranges if item.specificity == 2]
    others = {offer[0] for offer in _RDF_OFFERS + _RESULT_OFFERS} - {"application/xml", "text/xml", "text/plain"}
    return all(quality_of(media, named)[0] <= html for media in others)


CODINGS: Final = ("zstd", "br", "gzip")


@lru_cache(maxsize=256)
def coding(accept_encoding: str, available: tuple[str, ...]) -> str:
    """The content coding to use (``""``: none), from ``Accept-Encoding`` and what this installation has."""
    qualities: dict[str, float] = {}
    for element in _split(accept_encoding):
        name = element.split(";", 1)[0].strip().lower()
        if name:
            qualities["gzip" if name == "x-gzip" else name] = _quality(element)
    identity = qualities.get("identity", 0.001)
    ranked = [(qualities.get(name, qualities.get("*", 0.0)), -index, name) for index, name in enumerate(available)]
    quality, _, name = max(ranked, default=(0.0, 0, ""))
    return name if quality > 0 and quality >= identity else ""
