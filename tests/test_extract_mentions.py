"""Mentions of one organisation are one organisation, and those of two stay two."""

from __future__ import annotations

import pytest

from codegrey.extract.mentions import Group, gather, proper_words
from codegrey.extract.organisations import find_mentions
from codegrey.text import Analyser
from reading import extractor

ANALYSER = Analyser("en")


def groups(words: str) -> list[Group]:
    reader = extractor()
    return gather(ANALYSER.analyse(words), find_mentions(words, reader.grammar), (), reader.common)


@pytest.mark.parametrize(
    "words",
    [
        "Kettering Health was hit. Kettering said so. Kettering Health is back.",
        "The Centre Hospitalier Sud Francilien (CHSF) was hit. The CHSF is back.",
        "Springhill Medical Center was hit. Springhill is back.",
        "Lyndale University Hospital (LUH) was hit. LUH said so.",
    ],
)
def test_short_forms_and_abbreviations_are_the_same_organisation(words: str) -> None:
    (group,) = groups(words)
    assert len(group.spans) >= 2


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("Mercy Hospital took in patients of Springhill Medical Center.", 2),
        ("CHU de Rouen, CHU de Brest.", 2),
    ],
)
def test_different_names_are_different_organisations(words: str, count: int) -> None:
    assert len(groups(words)) == count


def test_the_fullest_name_is_the_name() -> None:
    (group,) = groups("Kettering said so. Kettering Health was hit.")
    assert group.name == "Kettering Health"


def test_organisations_come_in_the_order_of_the_text_and_their_spans_are_their_names() -> None:
    words = "Mercy Hospital took in patients of Springhill Medical Center. Mercy Hospital is near."
    found = groups(words)
    assert [group.name for group in found] == ["Mercy Hospital", "Springhill Medical Center"]
    assert all(words[start:end] in group.names for group in found for start, end in group.spans)


def test_proper_words_are_those_that_hospitals_do_not_share() -> None:
    common = extractor().common
    assert proper_words("Centre Hospitalier de Dax", common) == {"dax"}
    assert proper_words("Sky Lakes Medical Center", common) == {"sky", "lakes"}
