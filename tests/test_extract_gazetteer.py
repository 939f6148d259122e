"""Names of the registry in running text."""

from __future__ import annotations

import re

import pytest

from codegrey.extract.gazetteer import make_gazetteer, needs_context
from codegrey.text import Analyser
from reading import extractor

ANALYSERS = {language: Analyser(language) for language in ("en", "fr")}


def named(words: str, language: str = "fr") -> list[str]:
    known = extractor().known
    return [hit.entry.name for s in ANALYSERS[language].analyse(words).sentences for hit in known.find(s)]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("L'ANSSI est sur place.", "ANSSI"),
        ("L’Anssi est sur place.", "ANSSI"),
        ("Le groupe LockBit revendique l'attaque.", "LockBit"),
        ("La CNIL a été saisie.", "CNIL"),
        ("L'Agence nationale de la sécurité des systèmes d'information enquête.", "ANSSI"),
    ],
)
def test_a_body_is_known_by_its_names(words: str, name: str) -> None:
    (found,) = [hit.entry for s in ANALYSERS["fr"].analyse(words).sentences for hit in extractor().known.find(s)]
    assert name in {*found.names, found.name}


@pytest.mark.parametrize("words", ["The play went on.", "Il a joué.", "the cuba libre", "an inc."])
def test_common_words_are_no_names(words: str) -> None:
    assert named(words, "en") == []


def test_places_of_hits_are_tokens_of_the_sentence() -> None:
    (sentence,) = ANALYSERS["en"].analyse("The attack was claimed by LockBit on Monday.").sentences
    (hit,) = extractor().known.find(sentence)
    assert [token.text for token in sentence.tokens[hit.first : hit.last]] == ["LockBit"]


def test_every_long_name_of_the_registry_finds_its_own_entry_or_a_namesake() -> None:
    missed = []
    for entry in extractor().registry.entries:
        if entry.needs_context or re.fullmatch(r"\w+( \w+){2,}", entry.name) is None:
            continue
        hits = [h.entry for s in ANALYSERS["en"].analyse(entry.name).sentences for h in extractor().known.find(s)]
        if not any(entry.name in (hit.name, *hit.names) for hit in hits):
            missed.append(entry.name)
    assert missed == []


def test_an_empty_gazetteer_knows_nobody() -> None:
    (sentence,) = ANALYSERS["en"].analyse("LockBit").sentences
    assert make_gazetteer(()).find(sentence) == []


@pytest.mark.parametrize(("words", "sought"), [("Play", True), ("PlayCrypt", True), ("PLAY ransomware", False)])
def test_only_the_names_that_are_other_words_need_context(words: str, sought: bool) -> None:
    (sentence,) = ANALYSERS["en"].analyse(words).sentences
    entry = next(entry for entry in extractor().registry.entries if entry.iri.endswith("actor/play"))
    assert needs_context(entry, sentence.tokens) is sought
