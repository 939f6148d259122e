"""Scores, floors and calibration: what counts as right, and when the gate closes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey import pipeline
from codegrey.cli import main
from codegrey.errors import DataError
from codegrey.evaluate import (
    SLOTS,
    Corpus,
    Floors,
    Outcome,
    Score,
    Side,
    Tally,
    bin_lines,
    check_floors,
    claimed,
    error_lines,
    expected,
    figures,
    load_corpus,
    load_floors,
    load_gold,
    make_floors,
    reliability,
    rule_lines,
    same_name,
    score,
    table_lines,
    write_floors,
)
from codegrey.evaluate.compare import pairs
from codegrey.importers import read_articles
from codegrey.model import (
    Article,
    ArticleId,
    Claim,
    IncidentKey,
    Node,
    Organisation,
    OrganisationKey,
    OrganisationRef,
    Report,
    ReportedIncident,
    Role,
    Span,
    Value,
)
from codegrey.settings import Settings
from codegrey.terms import Iri, Literal, typed
from codegrey.vocab import CG, TYPE

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT.parent / "shared" / "eval" / "score.py"
INCIDENT, ATTACK, RANSOM = (Node(role, "i") for role in (Role.INCIDENT, Role.ATTACK, Role.RANSOM))
TRANSFER, LOSS, DATA = (Node(Role.IMPACT, "i", CG[k]) for k in ("PatientTransfer", "FinancialLoss", "DataCompromise"))
HELP = Node(Role.RESPONSE, "i", CG["ExternalAssistance"])
ORGANISATIONS = {
    "dax": Organisation(OrganisationKey("dax"), "Centre hospitalier de Dax", CG["Hospital"], ("CH Dax",)),
    "lockbit": Organisation(OrganisationKey("lockbit"), "LockBit", CG["ThreatActor"]),
    "anssi": Organisation(OrganisationKey("anssi"), "ANSSI", CG["CyberAgency"]),
}
GOLD: dict[str, Any] = {
    "id": "dax",
    "language": "fr",
    "incidents": [
        {
            "key": "dax-2021-02",
            "focus": True,
            "victims": [{"name": "Hôpital de Dax", "aliases": ["CH de Dax"]}],
            "start": "2021-02-09",
            "attack": ["RansomwareAttack"],
            "actors": ["LockBit"],
            "ransom": {"status": ["Demanded"], "amount": 10000000, "currency": "USD", "deadline": "2021-03-01"},
            "data": ["Stolen"],
            "records": 16000,
            "impacts": [{"type": "PatientTransfer", "count": 6}, {"type": "CareUnaffected", "count": None}],
            "systems": ["Laboratory"],
            "actions": ["ExternalAssistance"],
            "responders": ["ANSSI"],
        }
    ],
}


def ref(key: str) -> OrganisationRef:
    return OrganisationRef(OrganisationKey(key))


def claim(subject: Node, predicate: Iri, value: Value, confidence: float = 0.9) -> Claim:
    return Claim(subject, predicate, value, Span(0, 3, "Dax"), confidence, "patterns", "rule")


ALL_CLAIMS = (
    claim(INCIDENT, CG["victim"], ref("dax")),
    claim(INCIDENT, CG["startDate"], typed("2021-02-09", "date")),
    claim(ATTACK, TYPE, CG["RansomwareAttack"]),
    claim(ATTACK, CG["attributedTo"], ref("lockbit")),
    claim(INCIDENT, CG["ransomStatus"], CG["RansomDemanded"]),
    claim(RANSOM, CG["amount"], typed(10000000, "integer")),
    claim(RANSOM, CG["currency"], Literal("USD")),
    claim(RANSOM, CG["deadline"], typed("2021-03-01", "date")),
    claim(INCIDENT, CG["dataStatus"], CG["DataStolen"]),
    claim(INCIDENT, CG["impact"], DATA),
    claim(DATA, CG["recordCount"], typed(16000, "integer")),
    claim(INCIDENT, CG["impact"], TRANSFER),
    claim(TRANSFER, CG["count"], typed(6, "integer")),
    claim(INCIDENT, CG["careStatus"], CG["CareUnaffected"]),
    claim(TRANSFER, CG["affectedSystem"], CG["LaboratorySystems"]),
    claim(INCIDENT, CG["response"], HELP),
    claim(HELP, CG["performedBy"], ref("anssi")),
)


def report(claims: Iterable[Claim] = ALL_CLAIMS, stem: str = "dax") -> Report:
    article = Article(ArticleId("a"), "Dax", language="fr", stem=stem)
    incidents = (ReportedIncident(IncidentKey("i"), True),)
    return Report(article, tuple(ORGANISATIONS.values()), incidents, tuple(claims))


def without(predicate: str) -> tuple[Claim, ...]:
    return tuple(one for one in ALL_CLAIMS if one.predicate != CG[predicate])


def test_a_report_that_says_what_the_annotation_says_has_every_slot_right() -> None:
    result = score([report()], {"dax": GOLD})
    assert {slot: (t.tp, t.fp, t.fn) for slot, t in result.slots.items()} == {
        slot: (1, 0, 0) if slot != "impact" else (2, 0, 0) for slot in SLOTS
    }
    assert result.incidents == Tally(1, 0, 0)
    assert result.total.f1 == 1


@pytest.mark.parametrize(
    ("predicate", "slot"),
    [("startDate", "start"), ("recordCount", "records"), ("performedBy", "responder"), ("deadline", "deadline"),
     ("count", "count"), ("affectedSystem", "system"), ("dataStatus", "data"), ("attributedTo", "actor")],
)  # fmt: skip
def test_what_is_not_claimed_is_missing(predicate: str, slot: str) -> None:
    result = score([report(without(predicate))], {"dax": GOLD})
    assert (result.slots[slot].tp, result.slots[slot].fn) == (0, 1)
    assert result.total.fp == 0


def test_a_claim_of_another_value_is_wrong_and_the_right_one_missing() -> None:
    claims = (*without("startDate"), claim(INCIDENT, CG["startDate"], typed("2021-02", "gYearMonth")))
    assert score([report(claims)], {"dax": GOLD}).slots["start"] == Tally(0, 1, 1)


def test_an_article_without_a_report_has_claimed_nothing() -> None:
    result = score([], {"dax": GOLD})
    assert result.incidents == Tally(0, 0, 1)
    assert result.total.tp == result.total.fp == 0


def test_an_incident_that_the_annotation_does_not_know_is_wrong_altogether() -> None:
    result = score([report()], {"dax": {"id": "dax", "language": "fr", "incidents": []}})
    assert result.incidents == Tally(0, 1, 0)
    assert result.total == Tally(0, len(claimed(report())[0].facts) + 1, 0)


def test_several_claims_of_one_fact_count_once_at_the_highest_confidence() -> None:
    more = claim(INCIDENT, CG["dataStatus"], CG["DataStolen"], confidence=0.6)
    result = score([report((more, *ALL_CLAIMS))], {"dax": GOLD})
    assert [o.confidence for o in result.outcomes if o.slot == "data"] == [0.9]


def test_a_stated_sum_means_that_a_ransom_was_demanded() -> None:
    claims = (*without("ransomStatus"), claim(INCIDENT, CG["ransomDemand"], RANSOM))
    assert score([report(claims)], {"dax": GOLD}).slots["ransom"] == Tally(1, 0, 0)


def test_a_victim_that_works_on_its_own_recovery_is_no_responder() -> None:
    claims = (*ALL_CLAIMS, claim(HELP, CG["performedBy"], ref("dax")))
    assert score([report(claims)], {"dax": GOLD}).slots["responder"] == Tally(1, 0, 0)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Centre hospitalier de Dax", "hôpital de Dax", True),
        ("CHU de Rouen", "Rouen University Hospital", True),
        ("CHU de Rouen", "CHU de Caen", False),
        ("André Mignot hospital", "Hôpital André-Mignot de Versailles", True),
        ("the hospital", "hospital", False),
        ("the hospital", "CHU de Rouen", False),
        ("Sacré-Cœur", "Sacre-Coeur hospital", True),
    ],
)
def test_names_agree_by_their_proper_words(left: str, right: str, same: bool) -> None:
    assert same_name(left, right) is same


@given(st.text(), st.text())
def test_agreement_of_names_has_no_direction(left: str, right: str) -> None:
    assert same_name(left, right) == same_name(right, left)


@pytest.mark.parametrize(("got", "want", "right"), [("ARS Île-de-France", "ARS", 1), ("ARS", "ARS Île-de-France", 0)])
def test_a_fuller_name_of_a_responder_is_right_and_a_vaguer_one_is_not(got: str, want: str, right: int) -> None:
    names = {**ORGANISATIONS, "anssi": Organisation(OrganisationKey("anssi"), got, CG["Responder"])}
    source = report()
    changed = Report(source.article, tuple(names.values()), source.incidents, source.claims)
    gold = {**GOLD, "incidents": [{**GOLD["incidents"][0], "responders": [want]}]}
    assert score([changed], {"dax": gold}).slots["responder"].tp == right


def test_incidents_are_paired_by_victims_each_at_most_once() -> None:
    dax, rouen = Side("a", (("CH de Dax",),)), Side("b", (("CHU de Rouen",),))
    found = pairs([dax, rouen, Side("c", (("Dax",),))], [rouen, dax])
    assert sorted((g.name if g else "", w.name if w else "") for g, w in found) == [("a", "a"), ("b", "b"), ("c", "")]


def test_of_two_incidents_of_one_victim_the_one_with_more_facts_in_common_is_paired() -> None:
    early, late = (
        Side("early", (("Dax",),), frozenset({("start", "2020")})),
        Side("late", (("Dax",),), frozenset({("start", "2021")})),
    )
    assert pairs([late], [early, late]) == [(late, late), (None, early)]


@pytest.mark.parametrize("broken", [{"id": "x"}, {"id": "x", "incidents": [{}]}, {"id": "x", "incidents": 3}])
def test_a_malformed_annotation_is_named(broken: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="annotation of x"):
        expected(broken)


def outcome(confidence: float | None, verdict: str) -> Outcome:
    return Outcome("a", "en", "impact", verdict, "X", "i", confidence)


def test_reliability_is_the_share_that_is_right_at_each_confidence() -> None:
    outcomes = [outcome(0.9, "tp"), outcome(0.92, "fp"), outcome(1.0, "tp"), outcome(0.6, "fp"), outcome(None, "fn")]
    assert [(b.low, b.right, b.wrong, b.share) for b in reliability(outcomes)] == [
        (0.6, 0, 1, 0.0),
        (0.9, 1, 1, 0.5),
        (0.95, 1, 0, 1.0),
    ]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans())))
def test_every_claimed_fact_falls_into_one_bin(claimed_facts: list[tuple[float, bool]]) -> None:
    bins = reliability(outcome(sure, "tp" if right else "fp") for sure, right in claimed_facts)
    assert sum(b.claimed for b in bins) == len(claimed_facts)
    assert all(b.low <= b.mean <= b.high for b in bins)


# -------------------------------------------------------------------------------- corpus and gate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two annotated articles in two splits."""
    (tmp_path / "articles").mkdir()
    for name in ("dax", "other"):
        (tmp_path / "articles" / f"{name}.md").write_text(f"Le centre hospitalier de Dax, {name}.\n", encoding="utf-8")
        (tmp_path / f"{name}.json").write_text(json.dumps(GOLD | {"id": name}), encoding="utf-8")
    (tmp_path / "splits.json").write_text('{"incidents": [], "tune": ["dax"], "unseen": ["other"]}', encoding="utf-8")
    return tmp_path


def floors_of(corpus: Corpus) -> Floors:
    return make_floors({name: score([report(stem="dax")], corpus.of(name)) for name in corpus.splits}, corpus)


def test_splits_and_floors_are_no_annotations(folder: Path) -> None:
    write_floors(folder / "floors.json", Floors("x", {}))
    assert sorted(load_gold(folder)) == ["dax", "other"]
    assert load_corpus(folder).splits == {"tune": ("dax",), "unseen": ("other",)}


def test_a_folder_without_splits_is_one(folder: Path) -> None:
    (folder / "splits.json").unlink()
    assert load_corpus(folder).splits == {"all": ("dax", "other")}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("dax.json", "{", "not JSON"),
        ("dax.json", "[]", "expected a JSON object"),
        ("splits.json", '{"tune": ["nobody"]}', "nobody"),
        ("third.json", '{"id": "third", "incidents": []}', "no article"),
    ],
)
def test_a_corpus_that_does_not_hold_together_is_refused(folder: Path, name: str, content: str, problem: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        load_corpus(folder)


def test_an_empty_folder_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no annotations"):
        load_corpus(tmp_path)


def test_an_unknown_split_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="there are tune, unseen, all"):
        load_corpus(folder).of("holdout")


def test_a_split_may_be_narrowed_to_a_language(folder: Path) -> None:
    corpus = load_corpus(folder)
    assert list(corpus.of("tune", "fr")) == ["dax"]
    assert list(corpus.of("tune", "en")) == []
    assert list(corpus.of("all")) == ["dax", "other"]


@pytest.mark.parametrize("changed", ["dax.json", "articles/dax.md", "splits.json"])
def test_the_digest_changes_with_any_file(folder: Path, changed: str) -> None:
    before = load_corpus(folder).digest
    path = folder / changed
    path.write_text(path.read_text(encoding="utf-8") + " \n", encoding="utf-8")
    assert load_corpus(folder).digest != before


def test_only_articles_to_tune_on_may_be_read(folder: Path) -> None:
    corpus = load_corpus(folder)
    assert [name for name in ("tune", "unseen", "all") if corpus.may_be_read(name)] == ["tune"]
    (folder / "splits.json").unlink()
    assert load_corpus(folder).may_be_read("all")


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_figures_never_miss_the_floors_that_they_make(tp: int, fp: int, fn: int) -> None:
    measured = Score(incidents=Tally(tp, fp, fn))
    corpus = Corpus(Path(), {}, {}, {}, "x")
    assert check_floors({"tune": measured}, make_floors({"tune": measured}, corpus), corpus) == ()


def test_the_digest_does_not_depend_on_where_the_folder_is(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path_factory.mktemp("copy") / "gold"))
    assert load_corpus(copy).digest == load_corpus(folder).digest


def test_floors_come_back_as_written(folder: Path) -> None:
    floors = floors_of(load_corpus(folder))
    write_floors(folder / "floors.json", floors)
    assert load_floors(folder / "floors.json") == floors


def test_figures_on_their_floors_pass(folder: Path) -> None:
    corpus = load_corpus(folder)
    scores = {"tune": score([report()], corpus.of("tune"))}
    assert check_floors(scores, make_floors(scores, corpus), corpus) == ()


def test_a_floor_that_is_missed_is_an_error_with_both_figures(folder: Path) -> None:
    corpus = load_corpus(folder)
    floors = make_floors({"tune": score([report()], corpus.of("tune"))}, corpus)
    worse = {"tune": score([report(without("startDate"))], corpus.of("tune"))}
    findings = check_floors(worse, floors, corpus)
    assert [(f.severity, f.code, f.where) for f in findings] == [("error", "below-floor", "tune")] * 2
    assert "F1 of all is 0.9655, the floor is 1.00" in {f.message for f in findings}


def test_a_changed_corpus_wants_new_floors(folder: Path) -> None:
    corpus = load_corpus(folder)
    scores = {"tune": score([report()], corpus.of("tune"))}
    (finding,) = check_floors(scores, Floors("of yesterday", {}), corpus)
    assert (finding.severity, finding.code) == ("error", "corpus-changed")


def test_floors_are_rounded_down() -> None:
    third = score([report(ALL_CLAIMS[:2])], {"dax": GOLD})
    corpus = Corpus(Path(), {}, {}, {}, "x")
    assert make_floors({"tune": third}, corpus).splits["tune"]["all"] == 0.23  # 4/17 is 0.235


def test_a_slot_with_few_facts_has_no_floor(folder: Path) -> None:
    assert not any(name.startswith("slot") for name in floors_of(load_corpus(folder)).splits["tune"])


@pytest.mark.parametrize("content", ["{}", '{"corpus": "x", "floors": {"tune": 3}}', '{"corpus": 1, "floors": []}'])
def test_malformed_floors_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "floors.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"floors\.json"):
        load_floors(tmp_path / "floors.json")


# -------------------------------------------------------------------------------- what is shown


def test_the_table_has_a_line_for_each_slot_language_incidents_and_all() -> None:
    lines = list(table_lines({"tune": score([report()], {"dax": GOLD}), "unseen": score([], {"dax": GOLD})}))
    assert len(lines) == 2 + 14 + 1 + 2
    assert lines[0].split() == ["tune:", "1", "article", "unseen:", "1", "article"]
    assert lines[-1].split()[2:8] == ["1.000", "1.000", "1.000", "15", "0", "0"]


def test_errors_name_article_verdict_slot_value_and_incident() -> None:
    claims = (*without("startDate"), claim(INCIDENT, CG["startDate"], typed("2021", "gYear"), 0.8))
    assert list(error_lines(score([report(claims)], {"dax": GOLD}))) == [
        "dax: fp start = 2021 (0.80)  [dax-2021-02]  rule",
        "dax: fn start = 2021-02-09  [dax-2021-02]",
    ]


def test_rules_that_were_wrong_are_counted_the_worst_first() -> None:
    claims = (*without("startDate"), claim(INCIDENT, CG["startDate"], typed("2021", "gYear"), 0.8))
    lines = [line.split() for line in rule_lines(score([report(claims)], {"dax": GOLD}))]
    assert lines == [["wrong", "right", "slot", "rule"], ["1", "0", "start", "rule"]]


def test_figures_are_plain_values() -> None:
    result = score([report()], {"dax": GOLD})
    values = figures(result, reliability(result.outcomes))
    assert json.loads(json.dumps(values)) == values
    assert values["all"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "tp": 15, "fp": 0, "fn": 0}
    assert values["reliability"] == [{"low": 0.9, "high": 0.95, "facts": 15, "right": 15, "share": 1.0}]


def test_the_reliability_table_says_how_many_are_right() -> None:
    result = score([report()], {"dax": GOLD})
    assert list(bin_lines({"tune": reliability(result.outcomes)}))[1].split() == ["0.90–0.95", "15", "15", "1.000"]


# -------------------------------------------------------------------------------- the command


def test_the_command_passes_what_its_floors_hold_and_fails_when_articles_change(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(folder), "--write-floors", "--jobs", "1"]) == 0
    assert main(["evaluate", str(folder), "--jobs", "1"]) == 0
    assert "unseen: 1 article" in capsys.readouterr().out
    (folder / "articles" / "dax.md").write_text("Rien.\n", encoding="utf-8")
    assert main(["evaluate", str(folder), "--jobs", "1"]) == 1
    assert "the corpus is not the one" in capsys.readouterr().err


def test_the_command_fails_below_a_floor(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_floors(folder / "floors.json", Floors(load_corpus(folder).digest, {"tune": {"all": 0.99}}))
    assert main(["evaluate", str(folder), "--jobs", "1"]) == 1
    assert "the floor is 0.99" in capsys.readouterr().err


def test_the_command_lists_errors_but_never_those_of_the_unseen(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(folder), "--errors", "--jobs", "1"]) == 0
    shown = capsys.readouterr().out
    assert "dax: fn start" in shown
    assert "other: fn" not in shown
    assert main(["evaluate", str(folder), "--errors", "--split", "unseen", "--jobs", "1"]) == 2
    assert main(["evaluate", str(folder), "--rules", "--split", "all", "--jobs", "1"]) == 2


def test_the_command_measures_the_patterns_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder), "--patterns-only"]) == 0
    assert "tune: 1 article" in capsys.readouterr().out


def test_the_command_counts_rules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder), "--rules", "--jobs", "1"]) == 0
    assert "wrong right  slot" in capsys.readouterr().out


def test_the_command_gives_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder), "--json", "--split", "all", "--jobs", "1"]) == 0
    values = json.loads(capsys.readouterr().out)["result"]
    assert values["splits"]["all"]["articles"] == 2
    assert values["corpus"] == load_corpus(folder).digest


@pytest.mark.parametrize(
    "options",
    [
        ["--write-floors", "--split", "tune"],
        ["--write-floors", "--language", "fr"],
        ["--write-floors", "--patterns-only"],
        ["--language", "xx"],
    ],
)
def test_the_command_refuses_calls_that_make_no_sense(folder: Path, options: list[str]) -> None:
    assert main(["evaluate", str(folder), *options, "--jobs", "1"]) == 2


# ---------------------------------------------------------------------- beside the reference scorer


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference scorer is not here")
def test_figures_are_those_of_the_reference_scorer(tmp_path: Path) -> None:
    corpus, settings = load_corpus(ROOT / "data" / "gold"), Settings(jobs=1)
    gold = corpus.of("tune")
    articles = list(read_articles([corpus.files[name] for name in gold], settings=settings))
    pipeline.extract(articles, tmp_path / "out", settings=settings)
    (tmp_path / "gold").mkdir()
    for name, annotation in gold.items():
        (tmp_path / "gold" / f"{name}.json").write_text(json.dumps(annotation), encoding="utf-8")
    command = [sys.executable, str(REFERENCE), str(tmp_path / "out"), str(tmp_path / "gold"), "--json"]
    reference = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    ours = figures(score(pipeline.read_reports_of(articles, settings, []), gold), ())

    def triple(values: dict[str, float]) -> list[float]:
        return [values["precision"], values["recall"], values["f1"]]

    assert {slot: triple(values) for slot, values in ours["slots"].items()} == reference["slots"]
    assert {name: triple(values) for name, values in ours["languages"].items()} == reference["languages"]
    assert [triple(ours["all"]), triple(ours["incidents"])] == [reference["all"], reference["incidents"]]
