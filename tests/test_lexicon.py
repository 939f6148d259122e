"""Lexicons are data: what ships compiles, a new language is a file, and a broken one says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegrey.errors import OntologyError
from codegrey.lexicon import (
    LEX,
    Entry,
    lexicon_languages,
    load_lexicon,
    load_names,
    load_readings,
)
from codegrey.ontology import load_ontology
from codegrey.vocab import CG

HEAD = """@prefix lex: <https://w3id.org/codegrey/lexicon#> .
@prefix cg: <https://w3id.org/codegrey/ontology#> .
@prefix de: <https://w3id.org/codegrey/lexicon/de#> .
"""
GERMAN = """
de:skipped a lex:WordSet ; lex:name "skipped" ; lex:words "die", "der", "das", "wurde", "wurden" .
de:data a lex:WordSet ; lex:name "data" ; lex:words "Patientendaten" .
de:month a lex:Values ; lex:name "month" ; lex:value "März=3" .
de:stolen a lex:Entry ; lex:means cg:DataStolen ; lex:ignores lex:Past ;
    lex:pattern "<data> .. gestohlen" ; lex:weakPattern "gestohlen" .
de:not a lex:Cue ; lex:cue lex:Negation ; lex:side "both" ; lex:reach "5" ; lex:pattern "nicht" .
de:day a lex:DatePattern ; lex:reads "day" ; lex:pattern "{day: @digits} {month: März}" .
"""


def write(folder: Path, body: str, *, head: str = HEAD) -> Path:
    (folder / "de.ttl").write_text(head + body, encoding="utf-8")
    return folder


def test_english_and_french_ship() -> None:
    assert {"en", "fr"} <= set(lexicon_languages())


@pytest.mark.parametrize("language", lexicon_languages())
def test_every_entry_means_something_that_is_defined(language: str) -> None:
    known = {s for s, _, _ in load_ontology().triples}
    meant = {entry.concept for entry in load_lexicon(language).entries}
    assert {concept for concept in meant if not concept.startswith(LEX)} <= known


@pytest.mark.parametrize("language", lexicon_languages())
def test_every_pattern_of_a_lexicon_has_an_anchor(language: str) -> None:
    entries: tuple[Entry, ...] = load_lexicon(language).entries
    assert [entry.pattern.source for entry in entries if not entry.pattern.required] == []


def test_a_language_is_a_file(tmp_path: Path) -> None:
    lexicon = load_lexicon("de", write(tmp_path, GERMAN))
    strong, weak = sorted(lexicon.entries, key=lambda entry: entry.weak)
    assert (strong.concept, strong.weak, strong.ignores) == (CG["DataStolen"], False, frozenset({"Past"}))
    assert (weak.concept, weak.weak) == (CG["DataStolen"], True)
    assert lexicon.value("month", "marz") == "3"
    assert lexicon.words("data") == {"patientendaten"}
    assert lexicon.words("nothing-of-that-name") == frozenset()
    assert [(cue.effect, cue.side, cue.reach) for cue in lexicon.cues] == [("Negation", "both", 5)]
    assert [date.reads for date in lexicon.dates] == ["day"]
    assert lexicon_languages(tmp_path) == ("de",)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("de:x a lex:Entry ; lex:means", "not Turtle"),
        ('de:x a lex:Entry ; lex:means cg:DataStolen ; lex:pattern "(daten" .', "missing )"),
        ('de:x a lex:Entry ; lex:means cg:DataStolen ; lex:pattern "<data> weg" .', "unknown word set <data>"),
        ('de:x a lex:Values ; lex:name "month" ; lex:value "März" .', "not of the form word=code"),
        ('de:x a lex:Cue ; lex:cue lex:Negation ; lex:reach "far" ; lex:pattern "nicht" .', "far"),
    ],
)
def test_a_broken_lexicon_names_its_file_and_the_reason(tmp_path: Path, body: str, problem: str) -> None:
    with pytest.raises(OntologyError, match=r"de\.ttl") as raised:
        load_lexicon("de", write(tmp_path, body))
    assert problem in str(raised.value)


def test_a_missing_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="no lexicon for 'de'"):
        load_lexicon("de", tmp_path)


def test_loading_twice_gives_the_same_patterns_in_the_same_order() -> None:
    first, second = load_lexicon("en"), load_lexicon("en")
    assert [e.pattern for e in first.entries] == [e.pattern for e in second.entries]
    assert [c.pattern for c in first.cues] == [c.pattern for c in second.cues]


@pytest.mark.parametrize(
    ("stated", "hedged", "negated"),
    [("DataStolen", "DataSuspected", "DataUnaffected"), ("RansomDemanded", None, "RansomNotDemanded")],
)
def test_readings_say_what_negation_and_hedging_make_of_a_concept(
    stated: str, hedged: str | None, negated: str
) -> None:
    readings = load_readings()
    assert readings.hedged.get(CG[stated]) == (CG[hedged] if hedged else None)
    assert readings.negated[CG[stated]] == CG[negated]


def test_readings_lead_to_terms_of_the_ontology() -> None:
    known = {s for s, _, _ in load_ontology().triples}
    readings = load_readings()
    assert {*readings.negated.values(), *readings.hedged.values(), *readings.negated, *readings.hedged} <= known


def test_the_grammar_of_names_has_heads_on_both_sides() -> None:
    names = load_names()
    assert {head.side for head in names.heads} >= {"first", "last"}
    classes = set(load_ontology().classes)
    assert {head.kind for head in names.heads} <= classes
