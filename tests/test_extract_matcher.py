"""The matcher tries few patterns and finds all: the same as trying every one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegrey.extract.matcher import Matcher
from codegrey.extract.units import Units, make_units
from codegrey.importers import read_articles
from codegrey.lexicon import Entry
from codegrey.model import Article
from codegrey.notation import Compiler, Pattern
from codegrey.settings import Settings
from codegrey.text import Analyser
from reading import extractor, scene

ROOT = Path(__file__).resolve().parent.parent
ANALYSER = Analyser("en")


@dataclass(frozen=True, slots=True)
class Item:
    pattern: Pattern


def items(*sources: str) -> tuple[Item, ...]:
    compiler = Compiler(ANALYSER.word, frozenset({"the"}), {})
    return tuple(Item(compiler.compile(source)) for source in sources)


def units(words: str) -> Units:
    (sentence,) = ANALYSER.analyse(words).sentences
    return make_units(sentence, (), frozenset({"the"}))


@cache
def matchers() -> dict[str, Matcher[Entry]]:
    return {language: Matcher(tools.lexicon.entries) for language, tools in extractor().tools.items()}


def brute_force(entries: tuple[Entry, ...], read: Units) -> list[tuple[str, str]]:
    """Concept and pattern of every match, with no regard to anchors."""
    return sorted(
        (entry.concept, entry.pattern.source)
        for entry in entries
        for found in entry.pattern.regex.finditer(read.records)
        if found.end() > found.start()
    )


def demo_articles() -> list[Article]:
    found = [
        item for item in read_articles([ROOT / "data" / "articles"], settings=Settings()) if isinstance(item, Article)
    ]
    return found[::4]


@pytest.mark.parametrize("article", demo_articles(), ids=lambda article: article.stem)
def test_anchors_leave_no_match_out(article: Article) -> None:
    read = scene(article.text, language=article.language, published=article.published)
    entries = extractor().tools[article.language].lexicon.entries
    for one in read.units:
        found = [(m.item.concept, m.item.pattern.source) for m in matchers()[article.language].matches(one)]
        assert sorted(found) == brute_force(entries, one)


def test_matches_tell_their_units() -> None:
    (match,) = Matcher(items("network cut")).matches(units("Then the network cut out"))
    assert (match.first, match.last) == (1, 3)  # a skipped word is no unit


def test_captures_are_ranges_of_units() -> None:
    (match,) = Matcher(items("{what: email network} .. cut")).matches(units("Then the email network was cut"))
    assert match.captures == {"what": (1, 3)}


def test_a_pattern_without_anchors_is_always_tried() -> None:
    assert [m.item.pattern.source for m in Matcher(items("(cut|down?)")).matches(units("It is down"))] == [
        "(cut|down?)"
    ]


@settings(max_examples=50)
@given(st.permutations(("cut", "network", "cut network", "net*", "=Cut")))
def test_what_is_found_does_not_depend_on_the_order_of_the_patterns(sources: tuple[str, ...]) -> None:
    found = [m.item.pattern.source for m in Matcher(items(*sources)).matches(units("cut the network"))]
    assert sorted(found) == sorted(sources)
