"""A sentence as units: entities are one, skipped words none, and every record keeps its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey.extract.units import Entity, Units, make_units
from codegrey.text import Analyser, Sentence

ANALYSER = Analyser("en")
SKIPPED = frozenset({"the", "was"})


def units(words: str, *entities: Entity) -> Units:
    (sentence,) = ANALYSER.analyse(words).sentences
    return make_units(sentence, entities, SKIPPED)


def shown(read: Units) -> list[str]:
    return [" ".join(t.text for t in read.sentence.tokens[u.first : u.last]) for u in read.units]


def test_skipped_words_and_commas_are_no_units() -> None:
    assert shown(units("The network, too, was cut.")) == ["network", "too", "cut"]


def test_marks_that_end_a_thought_are_units() -> None:
    assert shown(units("cut; then back: why?")) == ["cut", ";", "then", "back", ":", "why", "?"]


def test_an_entity_is_one_unit() -> None:
    assert shown(units("Sky Lakes was hit", Entity(0, 2, "org"))) == ["Sky Lakes", "hit"]


def test_of_overlapping_entities_the_longest_stands() -> None:
    read = units("Sky Lakes Medical Center hit", Entity(0, 2, "place"), Entity(0, 4, "org"))
    assert shown(read) == ["Sky Lakes Medical Center", "hit"]
    assert read.units[0].entity == Entity(0, 4, "org")


@pytest.mark.parametrize(
    ("word", "tags"),
    [("2022", "@year"), ("1822", "@digits"), ("12", "@digits"), ("IT", "@name@caps"), ("Leeds", "@name"), ("cut", "")],
)
def test_words_are_tagged_by_their_form(word: str, tags: str) -> None:
    assert units(word).records.split("|")[2].strip() == tags


TOKENS = st.lists(
    st.sampled_from(["the", "was", "cut", "IT", "12", ";", "🏥", "St.", "a|b", "l'", "Dax", "\u00a0"]), min_size=1
)


@given(TOKENS, st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), max_size=4))
def test_records_and_units_go_together(words: list[str], places: list[tuple[int, int]]) -> None:
    for sentence in ANALYSER.analyse(" ".join(words)).sentences:
        size = len(sentence.tokens)
        entities = [Entity(a, min(size, a + n), "org") for a, n in places if a < size]
        check(sentence, entities)


def check(sentence: Sentence, entities: list[Entity]) -> None:
    read = make_units(sentence, entities, SKIPPED)
    records = read.records.split(" ")[:-1]
    assert len(records) == len(read.units) == len(read.offsets)
    assert all(record.count("|") == 2 for record in records)
    assert [read.at(offset) for offset in read.offsets] == list(range(len(read.units)))
    covered = [i for unit in read.units for i in range(unit.first, unit.last)]
    assert covered == sorted(set(covered))


def test_tokens_between_units_hold_the_skipped_words() -> None:
    read = units("network was cut off")
    assert [token.text for token in read.tokens(0, 2)] == ["network", "was", "cut"]
    assert list(read.tokens(1, 1)) == []
