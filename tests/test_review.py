"""From what is uncertain to a table, and from the filled-in table back to decisions that hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegrey.errors import DataError
from codegrey.fusion import fuse
from codegrey.fusion.curation import Curation, curate, load_curation, save_curation
from codegrey.fusion.decisions import Ruling, make_rulings, read_rulings, write_rulings
from codegrey.fusion.review import answers, questions, write_questions
from codegrey.link.verdicts import Judgement, make_verdicts, read_verdicts, write_verdicts
from codegrey.model import Report
from codegrey.registry import Entry, make_registry
from codegrey.terms import Iri, Literal, text
from codegrey.vocab import CG
from reports import hospital, incident, report

BASE = "https://w3id.org/codegrey/id/"
KARMANOS = Entry(
    Iri(f"{BASE}organisation/karmanos"),
    (CG["Hospital"],),
    (text("Barbara Ann Karmanos Cancer Institute", "en"),),
    country="US",
    identifiers=("wikidata:Q4858714",),
)
REGISTRY = make_registry([KARMANOS], base=BASE)
SHORT = hospital("Karmanos Cancer Institute", "", "US")


def at(article: str, start: str = "", *, published: str = "") -> Report:
    return report(article, incident("i", [SHORT], start=start), organisations=[SHORT], published=published)


def filled(table: str, kind: str, verdict: str) -> str:
    """The table with one verdict on every question of a kind."""
    heading, *lines = table.splitlines()
    place = heading.split("\t").index("verdict")
    rows = [line.split("\t") for line in lines]
    for row in rows:
        row[place] = verdict if row[0] == kind else ""
    return "\n".join([heading, *("\t".join(row) for row in rows)]) + "\n"


def test_a_likely_link_is_a_question() -> None:
    asked = questions(fuse([at("a", "2024-07-17")], REGISTRY), REGISTRY)
    assert [(q.kind, q.subject_label, q.proposal) for q in asked] == [
        ("link", "Karmanos Cancer Institute", KARMANOS.iri)
    ]


def test_a_confirmed_link_holds_in_the_next_fusion() -> None:
    table = write_questions(questions(fuse([at("a", "2024-07-17")], REGISTRY), REGISTRY))
    links, _ = answers(filled(table, "link", "yes"), author="Ada", date="2026-01-05")
    fusion = fuse([at("a", "2024-07-17")], REGISTRY, verdicts=make_verdicts(links))
    assert fusion.incidents[0].victims == (KARMANOS.iri,)


def test_a_refused_link_is_not_proposed_again() -> None:
    table = write_questions(questions(fuse([at("a", "2024-07-17")], REGISTRY), REGISTRY))
    links, _ = answers(filled(table, "link", "no"), author="Ada", date="2026-01-05")
    fusion = fuse([at("a", "2024-07-17")], REGISTRY, verdicts=make_verdicts(links))
    assert not any(organisation.close for organisation in fusion.organisations)


def test_incidents_of_one_victim_close_in_time_are_a_question_and_can_be_made_one() -> None:
    reports = [at("a", "2024-07-17"), at("b", "2024-08-25")]
    fusion = fuse(reports, REGISTRY)
    table = write_questions(questions(fusion, REGISTRY))
    _, rulings = answers(filled(table, "merge", "same"), author="Ada", date="2026-01-05")
    assert (len(fusion.incidents), len(fuse(reports, REGISTRY, rulings=make_rulings(rulings)).incidents)) == (2, 1)


def test_reports_that_a_curator_parts_are_two_incidents() -> None:
    rulings = make_rulings([Ruling("different", "a#i", "b#i", author="Ada", date="2026-01-05")])
    assert len(fuse([at("a", "2024-07-17"), at("b", "2024-07-17")], REGISTRY, rulings=rulings).incidents) == 2


def test_a_value_that_a_curator_chooses_wins_and_the_loser_names_who() -> None:
    reports = [at("a", "2024-07-17"), at("b", "2024-07-17"), at("c", "2024-07-20")]
    table = write_questions(questions(fuse(reports, REGISTRY), REGISTRY))
    _, rulings = answers(filled(table, "value", "2024-07-20"), author="Ada", date="2026-01-05")
    found = fuse(reports, REGISTRY, rulings=make_rulings(rulings)).incidents[0]
    dates = {(c.object, c.disputed, c.reason) for c in found.claims if c.predicate == CG["startDate"]}
    lost = "2024-07-20 was chosen by Ada on 2026-01-05."
    assert {(value.lexical, disputed, reason) for value, disputed, reason in dates if isinstance(value, Literal)} == {
        ("2024-07-20", False, ""),
        ("2024-07-17", True, lost),
    }


def test_an_empty_verdict_is_no_decision() -> None:
    table = write_questions(questions(fuse([at("a", "2024-07-17")], REGISTRY), REGISTRY))
    assert answers(table, author="Ada", date="2026-01-05") == ((), ())


def test_a_verdict_that_makes_no_sense_is_refused_with_its_line() -> None:
    table = write_questions(questions(fuse([at("a", "2024-07-17")], REGISTRY), REGISTRY))
    with pytest.raises(DataError, match="line 2"):
        answers(filled(table, "link", "perhaps"), author="Ada", date="2026-01-05")


def test_a_curator_can_name_a_record_outside_the_registry() -> None:
    verdicts = make_verdicts([Judgement("Karmanos Cancer Institute", "wikidata:Q1", author="Ada", date="2026")])
    found = fuse([at("a", "2024-07-17")], REGISTRY, verdicts=verdicts).organisations[0]
    assert found.same_as == (Iri("http://www.wikidata.org/entity/Q1"),)


def test_an_identifier_of_the_registry_leads_to_its_node() -> None:
    verdicts = make_verdicts([Judgement("Karmanos Cancer Institute", "wikidata:Q4858714")])
    assert fuse([at("a", "2024-07-17")], REGISTRY, verdicts=verdicts).incidents[0].victims == (KARMANOS.iri,)


def test_verdicts_on_a_name_in_another_town_do_not_count() -> None:
    verdicts = make_verdicts([Judgement("Mercy Hospital", KARMANOS.iri, city="Detroit", country="US")])
    mercy = hospital("Mercy Hospital", "Chicago", "US")
    fusion = fuse([report("a", incident("i", [mercy]), organisations=[mercy])], REGISTRY, verdicts=verdicts)
    assert fusion.incidents[0].victims == (Iri(f"{BASE}organisation/mercy-hospital"),)


def test_a_later_verdict_replaces_an_earlier_one() -> None:
    told = [Judgement("X", "ror:1", date="2025", negative=True), Judgement("X", "ror:1", date="2026")]
    assert [judgement.negative for judgement in make_verdicts(told).mappings] == [False]


def test_written_verdicts_read_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "links.sssom.tsv"
    told = make_verdicts(
        [Judgement("Hôpital de X", "ror:1", "X", "FR", negative=True, author="Ada", date="2026-01-05")]
    )
    path.write_text(write_verdicts(told), encoding="utf-8")
    assert read_verdicts(path).mappings == told.mappings


def test_written_rulings_read_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "decisions.tsv"
    told = make_rulings([Ruling("same", "a#i", "b#i", author="Ada"), Ruling("value", "a#i", "startDate", "2024-07-17")])
    path.write_text(write_rulings(told), encoding="utf-8")
    assert read_rulings(path) == told


def test_no_file_is_no_decision(tmp_path: Path) -> None:
    assert read_rulings(tmp_path / "none.tsv").all == ()
    assert read_verdicts(tmp_path / "none.tsv").mappings == ()


@pytest.mark.parametrize("line", ["maybe\ta#i\tb#i", "same\t\tb#i"])
def test_a_ruling_that_makes_no_sense_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "decisions.tsv"
    path.write_text(f"kind\tleft\tright\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"decisions\.tsv:2"):
        read_rulings(path)


def test_a_folder_of_decisions_reads_back_what_was_curated(tmp_path: Path) -> None:
    table = write_questions(questions(fuse([at("a", "2024-07-17")], REGISTRY), REGISTRY))
    curated = curate(load_curation(tmp_path), filled(table, "link", "yes"), author="Ada", date="2026-01-05")
    save_curation(tmp_path, curated)
    assert load_curation(tmp_path) == curated
    assert [(j.name, j.author) for j in curated.verdicts.mappings] == [("Karmanos Cancer Institute", "Ada")]


def test_no_folder_is_no_decision() -> None:
    assert load_curation(None) == Curation()
