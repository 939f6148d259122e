"""Names of hospitals that nobody has listed, by a grammar of how hospitals are named."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey.extract.organisations import find_mentions
from codegrey.vocab import local_name
from reading import extractor

NAMES = (
    ("Le centre hospitalier de Dax a été visé.", "centre hospitalier de Dax"),
    ("Le CHU de Rouen est touché.", "CHU de Rouen"),
    ("Le Centre hospitalier sud-francilien", "Centre hospitalier sud-francilien"),
    ("Le centre hospitalier universitaire de Brest", "centre hospitalier universitaire de Brest"),
    ("le centre hospitalier intercommunal de Créteil", "centre hospitalier intercommunal de Créteil"),
    ("Le groupe hospitalier Bretagne Sud", "groupe hospitalier Bretagne Sud"),
    ("La clinique Saint-Jean est touchée.", "clinique Saint-Jean"),
    ("La clinique de la Sauvegarde", "clinique de la Sauvegarde"),
    ("L'hôpital André-Mignot est fermé.", "hôpital André-Mignot"),
    ("L’hôpital de Villefranche-sur-Saône", "hôpital de Villefranche-sur-Saône"),
    ("l'hôpital privé de la Loire", "hôpital privé de la Loire"),
    ("l'hôpital Nord Franche-Comté", "hôpital Nord Franche-Comté"),
    ("Le GHT Yvelines Sud", "GHT Yvelines Sud"),
    ("CHR Metz-Thionville", "CHR Metz-Thionville"),
    ("Sky Lakes Medical Center was hit.", "Sky Lakes Medical Center"),
    ("On Monday Springhill Medical Center was hit.", "Springhill Medical Center"),
    ("Kettering Health said so.", "Kettering Health"),
    ("St. Mary's Hospital was hit.", "St. Mary's Hospital"),
    ("St Thomas' Hospital was hit.", "St Thomas' Hospital"),
    ("King’s College Hospital NHS Foundation Trust", "King’s College Hospital NHS Foundation Trust"),
    ("the University of Vermont Medical Center", "University of Vermont Medical Center"),
    ("The Hospital for Sick Children", "Hospital for Sick Children"),
    ("Children's Hospital of Philadelphia", "Children's Hospital of Philadelphia"),
    ("Boston Children's Hospital", "Boston Children's Hospital"),
    ("the Royal Victoria Infirmary", "Royal Victoria Infirmary"),
    ("Waikato District Health Board", "Waikato District Health Board"),
    ("Hospital Clínic de Barcelona", "Hospital Clínic de Barcelona"),
    ("Universitätsklinikum Düsseldorf", "Universitätsklinikum Düsseldorf"),
    ("the André Mignot hospital in Versailles", "André Mignot hospital"),
    ("Massachusetts General Hospital and Mount Sinai Hospital", "Massachusetts General Hospital|Mount Sinai Hospital"),
)


def names(words: str) -> str:
    return "|".join(mention.name for mention in find_mentions(words, extractor().grammar))


@pytest.mark.parametrize(("words", "expected"), NAMES)
def test_a_name_is_found_as_it_is_written(words: str, expected: str) -> None:
    assert names(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "the hospital was hit",
        "The Hospital was hit",
        "French hospitals are often hit",
        "L'hôpital est touché",
        "Les hôpitaux français",
        "Health officials said so on Monday.",
    ],
)
def test_a_common_noun_is_no_name(words: str) -> None:
    assert names(words) == ""


def test_the_place_behind_a_name_is_kept() -> None:
    (mention,) = find_mentions("the André Mignot hospital in Versailles", extractor().grammar)
    assert mention.city == "Versailles"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("le centre hospitalier de Dax", "Hospital"),
        ("Le GHT Yvelines Sud", "HospitalGroup"),
        ("Sky Lakes Medical Center", "Hospital"),
    ],
)
def test_the_head_tells_the_class(words: str, kind: str) -> None:
    (mention,) = find_mentions(words, extractor().grammar)
    assert local_name(mention.kind) == kind


TEXTS = st.lists(
    st.sampled_from(
        [
            "centre hospitalier",
            "CHU",
            "de",
            "d'",
            "Hospital",
            "St.",
            "Mary's",
            "Medical Center",
            "Dax",
            "\n",
            "’",
            "-",
            "🏥",
        ]
    )
    | st.text(max_size=6),
    max_size=20,
).map(" ".join)


@given(TEXTS)
def test_mentions_lie_in_the_text_in_order_and_apart(words: str) -> None:
    found = find_mentions(words, extractor().grammar)
    assert all(0 <= m.start < m.end <= len(words) for m in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
