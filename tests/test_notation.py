"""The pattern notation: what each sign matches, and what a broken pattern says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey.errors import OntologyError
from codegrey.extract.units import Entity, make_units
from codegrey.notation import Anchor, Compiler, Pattern
from codegrey.text import Analyser

ANALYSER = Analyser("en")
SKIPPED = frozenset({"the", "a", "was", "were", "had", "been"})
COMPILER = Compiler(
    ANALYSER.word, SKIPPED, {"surgery": ("operation", "elective surgery", "procedur*"), "ring": ("<ring>",)}
)


def finds(pattern: str, words: str, *entities: tuple[int, int, str]) -> str | None:
    """The words that a pattern matches first in a sentence, without the skipped ones; None if it matches nowhere."""
    (sentence,) = ANALYSER.analyse(words).sentences
    units = make_units(sentence, [Entity(*entity) for entity in entities], SKIPPED)
    match = COMPILER.compile(pattern).regex.search(units.records)
    if match is None:
        return None
    return " ".join(t.text for t in units.tokens(units.at(match.start()), units.at(match.end() - 1) + 1))


@pytest.mark.parametrize(
    ("pattern", "words", "found"),
    [
        ("postponed", "They postpone it", "postpone"),
        ("postponed", "They cancel it", None),
        ("=attacks", "The attacks went on", "attacks"),
        ("=attacks", "The attack went on", None),
        ("=attacks", "ATTACKS went on", "ATTACKS"),
        ("IT", "the IT systems", "IT"),
        ("IT", "it was cut", None),
        ("encrypt*", "an encryption key", "encryption"),
        ("encrypt*", "decrypted files", None),
        ("<surgery>", "two operations", "operations"),
        ("<surgery>", "the elective surgeries", "elective surgeries"),
        ("<surgery>", "all procedures", "procedures"),
        ("network cut", "the network was cut", "network was cut"),
        ("the network was cut", "networks cut", "networks cut"),
        ("network cut", "cut the network", None),
        ("(cut|disconnected) network", "disconnected the network", "disconnected the network"),
        ("(cut off|closed) network", "cut off network", "cut off network"),
        ("cut off? network", "cut network", "cut network"),
        ("cut off? network", "cut off network", "cut off network"),
        ("files .. encrypted", "files of two wards encrypted", "files of two wards encrypted"),
        ("files .. encrypted", "files on one two three encrypted", None),
        ("files ..4 encrypted", "files on one two three encrypted", "files on one two three encrypted"),
        ("files ... encrypted", "files on one two three four encrypted", "files on one two three four encrypted"),
        ("files ... encrypted", "files; all encrypted", None),
        ("files ... encrypted", "files, all encrypted", "files , all encrypted"),
        ("stolen & files", "files were stolen", "files were stolen"),
        ("stolen & files", "stolen files", "stolen files"),
        ("stolen &2 files", "stolen on one two three files", None),
        ("^ files stolen", "Files stolen", "Files stolen"),
        ("^ files stolen", "All files stolen", None),
        ("café", "a cafe", "cafe"),
        ("o'clock", "four o’clock", "o’clock"),
    ],
)  # fmt: skip
def test_what_a_pattern_matches(pattern: str, words: str, found: str | None) -> None:
    assert finds(pattern, words) == found


def test_a_number_is_one_unit() -> None:
    assert finds("# patients", "26 000 patients", (0, 2, "number")) == "26 000 patients"


def test_a_number_that_is_no_entity_does_not_count() -> None:
    assert finds("# patients", "26 patients") is None


def test_an_entity_matches_its_tag() -> None:
    assert finds("@org hit", "Sky Lakes was hit", (0, 2, "org")) == "Sky Lakes was hit"
    assert finds("@date hit", "Sky Lakes was hit", (0, 2, "org")) is None


def test_a_short_gap_crosses_an_organisation_that_the_pattern_does_not_look_for() -> None:
    assert finds("cut .. network", "cut Sky Lakes network", (1, 3, "org")) == "cut Sky Lakes network"


def test_a_short_gap_of_a_pattern_for_organisations_crosses_none() -> None:
    assert finds("(cut|@org) .. network", "cut Sky Lakes its network", (1, 3, "org")) == "Sky Lakes its network"
    assert finds("(cut|@org) ... network", "cut Sky Lakes its network", (1, 3, "org")) == "cut Sky Lakes its network"


def test_captures_name_their_part_in_either_order() -> None:
    pattern = COMPILER.compile("{n: #} & patients")
    for words, place in (("26 patients", 0), ("patients 26", 1)):
        (sentence,) = ANALYSER.analyse(words).sentences
        units = make_units(sentence, [Entity(place, place + 1, "number")], SKIPPED)
        match = pattern.regex.search(units.records)
        assert match is not None
        captured = {name.rstrip("_"): text for name, text in match.groupdict().items() if text}
        assert captured == {"n": "26|26|# "}


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(cut", "a missing )"),
        ("{n: #", "a missing }"),
        ("cut)", "unexpected"),
        ("<unheard>", "unknown word set <unheard>"),
        ("<ring>", "holds itself"),
        ("the", "nothing but skipped words"),
        ("", "nothing but skipped words"),
        ("=the network", "skipped word"),
    ],
)
def test_a_broken_pattern_names_itself_and_the_place(pattern: str, problem: str) -> None:
    with pytest.raises(OntologyError, match="at character") as raised:
        COMPILER.compile(pattern)
    assert problem in str(raised.value)
    assert repr(pattern) in str(raised.value)


@given(st.text(alphabet="ab (){}|<>=#@^*?.&:-n", max_size=25))
def test_any_pattern_compiles_or_is_an_ontology_error(source: str) -> None:
    try:
        pattern = COMPILER.compile(source)
    except OntologyError:
        return
    assert pattern.source == source


@pytest.mark.parametrize(
    ("pattern", "anchors"),
    [
        ("postponed", [{Anchor("stem", "postpon")}]),
        ("=attacks", [{Anchor("form", "attacks")}]),
        ("encrypt*", [{Anchor("prefix", "encrypt")}]),
        ("(cut|closed)", [{Anchor("stem", "cut"), Anchor("stem", "close")}]),
        ("(cut|closed) network", [{Anchor("stem", "network")}, {Anchor("stem", "cut"), Anchor("stem", "close")}]),
        ("network off?", [{Anchor("stem", "network")}]),
        ("# cut", [{Anchor("stem", "cut")}, {Anchor("tag", "#")}]),
        ("cut?", []),
    ],
)
def test_a_match_must_hold_one_of_each_set_of_anchors(pattern: str, anchors: list[set[Anchor]]) -> None:
    assert list(COMPILER.compile(pattern).required) == anchors


def test_a_compiled_pattern_matches_at_unit_borders_only() -> None:
    pattern: Pattern = COMPILER.compile("cut")
    assert pattern.regex.search("uncut|uncut| ") is None
