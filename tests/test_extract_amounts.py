"""Numbers, sums and shares, in digits and in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey.extract.amounts import Money, find_amounts
from reading import extractor

ENGLISH = (
    ("six patients", "6"),
    ("twenty-three patients", "23"),
    ("ninety-nine patients", "99"),
    ("one hundred and twelve patients", "112"),
    ("two hundred and fifty patients", "250"),
    ("a hundred patients", "100"),
    ("a dozen patients", "12"),
    ("about 100 patients", "100"),
    ("three thousand patients", "3000"),
    ("forty thousand records", "40000"),
    ("one million two hundred thousand records", "1200000"),
    ("126,000 patients", "126000"),
    ("126 000 patients", "126000"),
    ("1.5 million patients", "1500000"),
    ("4.9 million people", "4900000"),
    ("5k records", "5000"),
    ("two patients and three nurses", "2 3"),
    ("$10 million", "10000000USD"),
    ("$10m", "10000000USD"),
    ("10 million dollars", "10000000USD"),
    ("US$3.5 million", "3500000USD"),
    ("$17,000", "17000USD"),
    ("1,234.56 dollars", "1234.56USD"),
    ("£92m", "92000000GBP"),
    ("€600,000", "600000EUR"),
    ("17,000 euros", "17000EUR"),
    ("CHF 2 million", "2000000CHF"),
    ("200 crore rupees", "2000000000INR"),
    ("40 bitcoins", "40XBT"),
    ("2.5 Bitcoin", "2.5XBT"),
    ("a third of the patients", "33%"),
    ("half of the beds", "50%"),
    ("30 percent of the beds", "30%"),
    ("30% of the beds", "30%"),
    ("40 to 50 patients", "range range"),
    ("3,000 to 4,000 patients", "range range"),
    ("dozens of patients", ""),
    ("hundreds of patients", ""),
)
FRENCH = (
    ("six patients", "6"),
    ("vingt-trois patients", "23"),
    ("soixante-dix patients", "70"),
    ("soixante et onze patients", "71"),
    ("quatre-vingts patients", "80"),
    ("quatre-vingt-quinze patients", "95"),
    ("quatre-vingt-dix-neuf patients", "99"),
    ("cent patients", "100"),
    ("deux cents patients", "200"),
    ("deux cent cinquante patients", "250"),
    ("mille patients", "1000"),
    ("trois mille patients", "3000"),
    ("mille deux cents lits", "1200"),
    ("cinq cent mille dossiers", "500000"),
    ("une trentaine de patients", "30"),
    ("une vingtaine d'opérations", "20"),
    ("une dizaine de patients", "10"),
    ("une centaine de patients", "100"),
    ("un millier de patients", "1000"),
    ("1 200 lits", "1200"),
    ("126 000 patients", "126000"),
    ("126\u00a0000 patients", "126000"),
    ("126\u202f000 patients", "126000"),
    ("126.000 patients", "126000"),
    ("1,5 million de patients", "1500000"),
    ("2,5 millions de personnes", "2500000"),
    ("deux patients et trois infirmières", "2 3"),
    ("10 millions de dollars", "10000000USD"),
    ("dix millions de dollars", "10000000USD"),
    ("1 million de dollars", "1000000USD"),
    ("10 millions d'euros", "10000000EUR"),
    ("deux millions cinq cent mille euros", "2500000EUR"),
    ("10 M€", "10000000EUR"),
    ("10M€", "10000000EUR"),
    ("600 000 euros", "600000EUR"),
    ("600 000 €", "600000EUR"),
    ("50 bitcoins", "50XBT"),
    ("un tiers des patients", "33%"),
    ("la moitié des lits", "50%"),
    ("30 % des lits", "30%"),
    ("de 40 à 50 patients", "range range"),
    ("15 à 20 patients", "range range"),
    ("quelques centaines de patients", ""),
    ("des dizaines de patients", ""),
)


def amounts(words: str, language: str) -> str:
    lexicon = extractor().tools[language].lexicon
    sentences = lexicon.analyser.analyse(words).sentences
    return " ".join(shown(e.tag, e.value) for sentence in sentences for e in find_amounts(sentence, lexicon))


def shown(tag: str, value: object) -> str:
    if isinstance(value, Money):
        return f"{value.amount.normalize():f}{value.currency}"
    if isinstance(value, Decimal):
        return f"{100 * value:.0f}%" if tag == "proportion" else f"{value.normalize():f}"
    return tag


@pytest.mark.parametrize(("words", "expected"), ENGLISH)
def test_english_amount(words: str, expected: str) -> None:
    assert amounts(words, "en") == expected


@pytest.mark.parametrize(("words", "expected"), FRENCH)
def test_french_amount(words: str, expected: str) -> None:
    assert amounts(words, "fr") == expected


@given(st.integers(0, 10**12))
def test_any_whole_number_in_digits_is_read_in_both_languages(number: int) -> None:
    assert amounts(f"{number} patients", "fr") == amounts(f"{number} patients", "en") == str(number)


@given(st.integers(1_000, 10**12))
def test_thousands_may_be_grouped_as_each_language_does(number: int) -> None:
    assert amounts(f"{number:,} patients", "en") == str(number)
    assert amounts(f"{number:,} patients".replace(",", "\u202f"), "fr") == str(number)
