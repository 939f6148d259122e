"""Sentences and tokens point into the text that they come from, whatever it holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey.text import SNOWBALL, Analyser, fold, plain

ENGLISH, FRENCH, UNKNOWN = Analyser("en"), Analyser("fr"), Analyser("tlh")
PIECES = st.sampled_from(
    "L’hôpital|don't|d'Armentières|126\u202f000|10\u00a0M€|🏥|👩🏽\u200d⚕️|e\u0301|œuvre|St. |J. Rougier|…|(CHSF)"
    "|مستشفى|בית חולים|\u200f|\t|\n|\n\n|«\u00a0plan blanc\u00a0»|ﬁn|İstanbul|\u2028|\x0b".split("|")
)
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=5), max_size=15).map(" ".join)


@given(TEXTS)
@pytest.mark.parametrize("analyser", [ENGLISH, FRENCH, UNKNOWN], ids=lambda a: a.language)
def test_tokens_are_the_text_at_their_offsets(analyser: Analyser, words: str) -> None:
    document = analyser.analyse(words)
    tokens = [token for sentence in document.sentences for token in sentence.tokens]
    assert all(words[token.start : token.end] == token.text for token in tokens)


@given(TEXTS)
@pytest.mark.parametrize("analyser", [ENGLISH, FRENCH], ids=lambda a: a.language)
def test_tokens_hold_all_but_white_space_once_and_in_order(analyser: Analyser, words: str) -> None:
    document = analyser.analyse(words)
    tokens = [token for sentence in document.sentences for token in sentence.tokens]
    ends = [0, *(token.end for token in tokens)]
    starts = [*(token.start for token in tokens), len(words)]
    gaps = [words[end:start] for end, start in zip(ends, starts, strict=True)]
    assert all(not gap or gap.isspace() for gap in gaps)


@given(TEXTS)
def test_sentences_are_numbered_and_lie_in_one_line(words: str) -> None:
    document = ENGLISH.analyse(words)
    assert [sentence.index for sentence in document.sentences] == list(range(len(document.sentences)))
    assert all("\n" not in words[sentence.start : sentence.end] for sentence in document.sentences)


@given(TEXTS)
def test_each_paragraph_has_one_first_and_one_last_sentence(words: str) -> None:
    sentences = ENGLISH.analyse(words).sentences
    paragraphs = {sentence.paragraph for sentence in sentences}
    assert (
        [s.paragraph for s in sentences if s.first] == [s.paragraph for s in sentences if s.last] == sorted(paragraphs)
    )


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("It was hit. It was cut off.", 2),
        ("Dr. J. Rougier said so.", 1),
        ("A title\nA sentence.", 2),
        ("St. Mary's Hospital was hit.", 1),
        ("“Nobody asked for money.” The hospital was cut off.", 2),
        ("", 0),
        (" \n\t\n ", 0),
    ],
)
def test_sentences_end_where_they_should(words: str, count: int) -> None:
    assert len(ENGLISH.analyse(words).sentences) == count


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Hôpital d’Œuvre", "hopital d'oeuvre"),
        ("ÉTÉ", "ete"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("e\u0301te\u0301", "ete"),
        ("ﬁn", "fin"),
        ("", ""),
    ],
)
def test_fold_gives_what_two_spellings_share(words: str, expected: str) -> None:
    assert fold(words) == expected


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_folding_twice_is_folding_once(words: str) -> None:
    assert fold(fold(words)) == fold(words)


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_composed_and_decomposed_text_fold_alike(words: str) -> None:
    assert fold(unicodedata.normalize("NFD", words)) == fold(unicodedata.normalize("NFC", words))


def test_plain_keeps_accents() -> None:
    assert plain("Dès L’Hôpital") == "dès l'hôpital"


@pytest.mark.parametrize(
    ("analyser", "left", "right"),
    [
        (ENGLISH, "encrypted", "encrypting"),
        (ENGLISH, "Hospital", "hospitals"),
        (FRENCH, "reportée", "reportées"),
        (FRENCH, "hôpital", "hopital"),
    ],
    ids=["verb", "noun", "participle", "accent"],
)
def test_inflected_words_share_a_stem(analyser: Analyser, left: str, right: str) -> None:
    assert analyser.word(left)[1] == analyser.word(right)[1]


def test_a_language_without_a_stemmer_keeps_its_words() -> None:
    assert UNKNOWN.word("Encrypted") == ("encrypted", "encrypted")


@pytest.mark.parametrize("language", sorted(SNOWBALL))
def test_every_language_with_a_stemmer_can_be_analysed(language: str) -> None:
    assert Analyser(language).analyse("Hospital 1.").sentences
