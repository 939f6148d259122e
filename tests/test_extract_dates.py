"""Dates as articles write them: the day of publication and a phrase give a value as precise as the words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey.extract.dates import READINGS, DateMention, PartialDate, When, partial_date
from reading import scene

WEDNESDAY = "2023-03-15"
JANUARY = "2023-01-02"

ENGLISH = (
    (WEDNESDAY, "on 3 March 2023", "2023-03-03"),
    (WEDNESDAY, "on March 3, 2023", "2023-03-03"),
    (WEDNESDAY, "on March 3rd", "2023-03-03"),
    (WEDNESDAY, "on the 3rd of March", "2023-03-03"),
    (WEDNESDAY, "on Sunday, March 12", "2023-03-12"),
    (WEDNESDAY, "on Sat 11 March", "2023-03-11"),
    (WEDNESDAY, "at 3 a.m. on 12 March", "2023-03-12"),
    (WEDNESDAY, "on 3 December", "2022-12-03"),
    (WEDNESDAY, "on Saturday", "2023-03-11"),
    (WEDNESDAY, "on Wednesday", "2023-03-15"),
    (WEDNESDAY, "last Wednesday", "2023-03-08"),
    (WEDNESDAY, "yesterday", "2023-03-14"),
    (WEDNESDAY, "today", "2023-03-15"),
    (WEDNESDAY, "this morning", "2023-03-15"),
    (WEDNESDAY, "last night", "2023-03-14"),
    (WEDNESDAY, "overnight", "2023-03-14"),
    (WEDNESDAY, "in the night of Friday to Saturday", "2023-03-10"),
    (WEDNESDAY, "three days ago", "2023-03-12"),
    (WEDNESDAY, "3 days ago", "2023-03-12"),
    (WEDNESDAY, "a week ago", "2023-03"),
    (WEDNESDAY, "two weeks ago", "2023-03"),
    (WEDNESDAY, "three months ago", "2022-12"),
    (WEDNESDAY, "two years ago", "2021"),
    (WEDNESDAY, "last week", "2023-03"),
    (WEDNESDAY, "over the weekend", "2023-03-11"),
    (WEDNESDAY, "in December", "2022-12"),
    (WEDNESDAY, "in March", "2023-03"),
    (WEDNESDAY, "last December", "2022-12"),
    (WEDNESDAY, "in December last year", "2022-12"),
    (WEDNESDAY, "in mid-April 2022", "2022-04"),
    (WEDNESDAY, "in early February", "2023-02"),
    (WEDNESDAY, "in May 2021", "2021-05"),
    (WEDNESDAY, "last year", "2022"),
    (WEDNESDAY, "in 2021", "2021"),
    (WEDNESDAY, "on Thanksgiving Day 2023", "2023-11-23"),
    (WEDNESDAY, "on Thanksgiving", "2022-11-24"),
    (WEDNESDAY, "on Christmas Day", "2022-12-25"),
    (WEDNESDAY, "on Halloween", "2022-10-31"),
    (WEDNESDAY, "by next Friday", "2023-03-17"),
    (WEDNESDAY, "on 29 February 2024", "2024-02-29"),
    (JANUARY, "on Saturday", "2022-12-31"),
    (JANUARY, "on 30 December", "2022-12-30"),
    (JANUARY, "last year", "2022"),
    (JANUARY, "5 days ago", "2022-12-28"),
    ("2023-03", "on Saturday", "2023-03"),
    ("2023-03", "on 3 December", "2022-12-03"),
    ("2023", "in December", "2023-12"),
)
FRENCH = (
    (WEDNESDAY, "le 3 mars 2023", "2023-03-03"),
    (WEDNESDAY, "le 1er mars", "2023-03-01"),
    (WEDNESDAY, "le 3 décembre", "2022-12-03"),
    (WEDNESDAY, "le dimanche 12 mars à 3 heures", "2023-03-12"),
    (WEDNESDAY, "samedi", "2023-03-11"),
    (WEDNESDAY, "samedi dernier", "2023-03-11"),
    (WEDNESDAY, "mercredi", "2023-03-15"),
    (WEDNESDAY, "mercredi dernier", "2023-03-08"),
    (WEDNESDAY, "hier", "2023-03-14"),
    (WEDNESDAY, "aujourd'hui", "2023-03-15"),
    (WEDNESDAY, "ce matin", "2023-03-15"),
    (WEDNESDAY, "dans la nuit de samedi à dimanche", "2023-03-11"),
    (WEDNESDAY, "dans la nuit du 11 au 12 mars", "2023-03-11"),
    (WEDNESDAY, "dans la nuit du samedi 11 au dimanche 12 mars", "2023-03-11"),
    (WEDNESDAY, "il y a trois jours", "2023-03-12"),
    (WEDNESDAY, "il y a deux semaines", "2023-03"),
    (WEDNESDAY, "il y a trois mois", "2022-12"),
    (WEDNESDAY, "il y a deux ans", "2021"),
    (WEDNESDAY, "la semaine dernière", "2023-03"),
    (WEDNESDAY, "en décembre", "2022-12"),
    (WEDNESDAY, "en décembre dernier", "2022-12"),
    (WEDNESDAY, "mi-avril 2022", "2022-04"),
    (WEDNESDAY, "à la mi-avril", "2022-04"),
    (WEDNESDAY, "début février", "2023-02"),
    (WEDNESDAY, "fin septembre 2020", "2020-09"),
    (WEDNESDAY, "au mois de juin 2021", "2021-06"),
    (WEDNESDAY, "l'an dernier", "2022"),
    (WEDNESDAY, "l'année dernière", "2022"),
    (WEDNESDAY, "en 2021", "2021"),
    (WEDNESDAY, "le jour de Noël 2021", "2021-12-25"),
    (JANUARY, "samedi", "2022-12-31"),
    ("2023-03", "samedi", "2023-03"),
)
NOTHING = (
    ("en", WEDNESDAY, "The attack began on 30 February 2023."),
    ("en", WEDNESDAY, "The hospital may pay."),
    ("en", WEDNESDAY, "The patients march on."),
    ("en", JANUARY, "The attack began last week."),  # it lies in two months
    ("en", "", "The attack began on Saturday."),
    ("en", "", "The attack began yesterday."),
    ("en", "", "The attack began on 3 December."),
    ("en", "2023", "The attack began on Saturday."),
    ("fr", WEDNESDAY, "Le 30 février 2023, rien."),
    ("fr", "", "L'attaque a débuté samedi."),
    ("fr", "", "L'attaque a débuté hier."),
    ("fr", "", "L'attaque a débuté le 3 décembre."),
)


def dates(words: str, language: str, published: str) -> list[str]:
    read = scene(words, language=language, published=published)
    found = [entity.value for index in range(len(read.units)) for _, entity in read.entities(index, "date")]
    return [str(one.value) for one in found if isinstance(one, DateMention)]


@pytest.mark.parametrize(("published", "phrase", "value"), ENGLISH)
def test_english_date(published: str, phrase: str, value: str) -> None:
    assert dates(f"The attack began {phrase}.", "en", published) == [value]


@pytest.mark.parametrize(("published", "phrase", "value"), FRENCH)
def test_french_date(published: str, phrase: str, value: str) -> None:
    assert dates(f"L'attaque a débuté {phrase}.", "fr", published) == [value]


@pytest.mark.parametrize(("language", "published", "words"), NOTHING)
def test_no_date_is_invented(language: str, published: str, words: str) -> None:
    assert dates(words, language, published) == []


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "It began on 10 March. Two days later it went on.", "2023-03-12"),
        ("en", "It began on 10 March. The next day it went on.", "2023-03-11"),
        ("fr", "L'attaque a débuté le 10 mars. Le lendemain, tout a repris.", "2023-03-11"),
        ("fr", "L'attaque a débuté le 10 mars. Deux jours plus tard, tout a repris.", "2023-03-12"),
        ("fr", "L'attaque a débuté le 10 mars. La veille, tout allait bien.", "2023-03-09"),
    ],
)
def test_a_date_may_count_from_the_one_before(language: str, words: str, value: str) -> None:
    assert dates(words, language, WEDNESDAY) == ["2023-03-10", value]


def test_a_text_without_publication_date_lends_its_own_year() -> None:
    assert dates("In 2021 much was new. It began on 3 December.", "en", "") == ["2021", "2021-12-03"]


@pytest.mark.parametrize("text", ["2022", "2022-12", "2022-12-05"])
def test_a_partial_date_reads_what_it_writes(text: str) -> None:
    assert str(partial_date(text)) == text


@pytest.mark.parametrize("text", ["", "soon", "2022-13", "2022-02-30", "2022-1-1-1", "12/05/2022", "1492", "-2022"])
def test_what_is_no_date_gives_none(text: str) -> None:
    assert partial_date(text) is None


@given(st.dates(date(1980, 1, 1), date(2100, 12, 31)))
def test_every_day_comes_back(day: date) -> None:
    found = partial_date(day.isoformat())
    assert found == PartialDate(day.year, day.month, day.day)
    assert found.first == day


@pytest.mark.parametrize(("value", "datatype"), [("2022", "gYear"), ("2022-12", "gYearMonth"), ("2022-12-05", "date")])
def test_the_datatype_tells_the_precision(value: str, datatype: str) -> None:
    found = partial_date(value)
    assert found is not None
    assert found.datatype == datatype


CAPTURES = st.fixed_dictionaries(
    {"month": st.integers(1, 12), "day": st.integers(0, 99), "weekday": st.integers(0, 6), "unit": st.sampled_from(
        [0, 1, 7, 30, 365]), "holiday": st.sampled_from([1199, 1225, 101]), "n": st.integers(0, 40),
     "year": st.integers(0, 9999)},
)  # fmt: skip


@given(
    st.sampled_from(sorted(READINGS)),
    CAPTURES,
    st.sampled_from(["", "2020", "2020-02", "2020-02-29", "2023-01-01", "2023-12-31"]),
    st.booleans(),
)
def test_every_reading_gives_a_day_that_exists_or_nothing(
    name: str, captures: dict[str, int], published: str, with_year: bool
) -> None:
    given_year = captures if with_year else {k: v for k, v in captures.items() if k != "year"}
    found = READINGS[name](given_year, When(partial_date(published) if published else None, 2020))
    assert found is None or (isinstance(found.first, date) and partial_date(str(found)) is not None)
