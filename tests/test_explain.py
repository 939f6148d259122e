"""What is shown of an article: every claim in its place, the text unchanged, nothing to trick a reader with."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegrey.cli import main
from codegrey.explain import KINDS, View, kind_of, page, view
from codegrey.explain.view import REASONS
from codegrey.extract.statements import BLOCKING
from codegrey.model import (
    Article,
    ArticleId,
    Claim,
    IncidentKey,
    Node,
    Organisation,
    OrganisationKey,
    OrganisationRef,
    Rejection,
    Report,
    ReportedIncident,
    Role,
    Span,
)
from codegrey.ontology import load_ontology
from codegrey.terms import Literal, typed
from codegrey.vocab import CG, TYPE
from reading import read

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = load_ontology()
WORDS = "Dax hit\nThe hospital of Dax was hit. Six patients were moved. Nothing was stolen."
INCIDENT, ATTACK, TRANSFER = (
    Node(Role.INCIDENT, "i"),
    Node(Role.ATTACK, "i"),
    Node(Role.IMPACT, "i", CG["PatientTransfer"]),
)


def span(exact: str, text: str = WORDS) -> Span:
    start = text.index(exact)
    return Span(start, start + len(exact), exact)


def report(text: str = WORDS, claims: tuple[Claim, ...] = (), rejections: tuple[Rejection, ...] = ()) -> Report:
    article = Article(ArticleId("a"), text, "Dax hit", "en", "2023-03-15", "https://example.org/dax", "Gazette")
    dax = Organisation(OrganisationKey("dax"), "Dax hospital", CG["Hospital"], ("CH Dax",), spans=(span("Dax"),))
    return Report(article, (dax,), (ReportedIncident(IncidentKey("i"), True),), claims, rejections)


CLAIMS = (
    Claim(
        INCIDENT,
        CG["victim"],
        OrganisationRef(OrganisationKey("dax")),
        span("hospital of Dax"),
        0.9,
        "patterns",
        "@org",
    ),
    Claim(
        INCIDENT, CG["victim"], OrganisationRef(OrganisationKey("dax")), span("Dax hit"), 0.7, "patterns", "@org hit"
    ),
    Claim(INCIDENT, CG["impact"], TRANSFER, span("patients were moved"), 0.9, "patterns", "<patients> moved"),
    Claim(
        TRANSFER,
        CG["count"],
        typed(6, "integer"),
        span("Six patients were moved"),
        0.85,
        "patterns",
        "<patients> moved",
    ),
    Claim(ATTACK, TYPE, CG["Intrusion"], span("was hit"), 0.6, "sentences", ""),
    Claim(Node(Role.ORGANISATION, "dax"), CG["beds"], typed(9, "integer"), span("The"), 0.8, "patterns", "# beds"),
)
REJECTIONS = (Rejection(span("stolen"), "stolen", "Negation"), Rejection(span("stolen"), "stolen", "Negation"))
SHOWN = view(report(WORDS, CLAIMS, REJECTIONS), ONTOLOGY)


def text_of(shown: View) -> str:
    return "\n".join("".join(segment.text for segment in paragraph) for paragraph in shown.paragraphs)


def test_the_segments_joined_are_the_text() -> None:
    assert text_of(SHOWN) == WORDS


def test_claims_of_one_fact_are_one_note_with_all_its_proofs() -> None:
    victim = SHOWN.notes[0]
    assert victim.text == "victim: Dax hospital"
    assert [proof.evidence.exact for proof in victim.proofs] == ["hospital of Dax", "Dax hit"]
    assert victim.confidence == 0.9


def test_notes_speak_in_the_labels_of_the_ontology() -> None:
    assert [note.text for note in SHOWN.notes] == [
        "victim: Dax hospital",
        "attack: intrusion",
        "patient transfer, count: 6",
        "impact: patient transfer",
        "Dax hospital, beds: 9",
    ]


def test_labels_may_be_french() -> None:
    shown = view(report(WORDS, CLAIMS), ONTOLOGY, language="fr")
    assert shown.notes[0].text == "victime: Dax hospital"


def test_notes_are_numbered_through_all_incidents() -> None:
    assert [note.number for note in SHOWN.notes] == [1, 2, 3, 4, 5]
    assert [case.title for case in SHOWN.cases] == ["Dax hospital", ""]


def test_overlapping_claims_share_their_words_the_shortest_first() -> None:
    (shared,) = [s for p in SHOWN.paragraphs for s in p if s.text == "patients were moved"]
    assert [note.text for note in shared.notes] == ["impact: patient transfer", "patient transfer, count: 6"]
    assert set(shared.closing) == set(shared.notes)


def test_what_was_not_believed_is_listed_once_with_the_reason() -> None:
    (refused,) = SHOWN.refused
    assert (refused.evidence.exact, refused.reason, refused.why) == ("stolen", "Negation", "it is denied")


@pytest.mark.parametrize("reason", [*BLOCKING, "Negation", "Hedge", "OutOfScope"])
def test_every_reason_that_extraction_gives_is_put_in_words(reason: str) -> None:
    assert reason in REASONS


@given(
    st.text(alphabet="ab \n<&\u202e😀", max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from(CLAIMS)), max_size=8),
)
def test_any_spans_over_any_text_leave_the_text_whole(text: str, places: list[tuple[int, int, Claim]]) -> None:
    claims = []
    for a, b, claim in places:
        start, end = sorted((min(a, len(text)), min(b, len(text))))
        claims.append(
            Claim(claim.subject, claim.predicate, claim.value, Span(start, end, text[start:end]), 0.9, "x", "y")
        )
    article = Article(ArticleId("a"), text)
    shown = view(Report(article, (), (ReportedIncident(IncidentKey("i"), True),), tuple(claims)), ONTOLOGY)
    assert text_of(shown) == text
    covered = {
        (note.number, at)
        for note in shown.notes
        for proof in note.proofs
        for at in range(proof.evidence.start, proof.evidence.end)
        if text[at] != "\n"
    }
    found, at = set(), 0
    for paragraph in shown.paragraphs:
        for segment in paragraph:
            found |= {(note.number, at + i) for note in segment.notes for i in range(len(segment.text))}
            at += len(segment.text)
        at += 1
    assert found == covered


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        (CLAIMS[0], "victim"),
        (CLAIMS[2], "impact"),
        (CLAIMS[3], "impact"),
        (CLAIMS[4], "attack"),
        (CLAIMS[5], "organisation"),
        (Claim(INCIDENT, CG["startDate"], typed("2023", "gYear"), span("Dax"), 0.9, "x"), "time"),
        (Claim(TRANSFER, CG["affectedSystem"], CG["Network"], span("Dax"), 0.9, "x"), "system"),
        (Claim(Node(Role.RANSOM, "i"), CG["currency"], Literal("USD"), span("Dax"), 0.9, "x"), "ransom"),
        (Claim(INCIDENT, CG["dataStatus"], CG["DataStolen"], span("Dax"), 0.9, "x"), "data"),
    ],
)
def test_kinds_of_facts(claim: Claim, kind: str) -> None:
    assert kind_of(claim) == kind


# -------------------------------------------------------------------------------- HTML


class Outline(HTMLParser):
    """Identifiers, links, open elements and the article's words of a page."""

    void = frozenset(["meta", "link", "input", "br"])

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.unbalanced: list[str] = []
        self.words = ""
        self.feed(html)
        self.unbalanced += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.ids += [values["id"]] if values.get("id") else []  # type: ignore[list-item]
        self.links += [values["href"]] if tag == "a" and values.get("href") else []  # type: ignore[list-item]
        self.loads += [str(values[name]) for name in ("src", "srcset", "data") if values.get(name)]
        self.loads += [str(values["href"])] if tag == "link" else []
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if "article" in self.open and "sup" not in self.open and {"p", "h1"} & set(self.open):
            self.words += data


PAGE = page(SHOWN)


def test_the_page_is_balanced_and_its_identifiers_are_unique() -> None:
    outline = Outline(PAGE)
    assert outline.unbalanced == []
    assert len(outline.ids) == len(set(outline.ids))


def test_every_link_within_the_page_leads_somewhere() -> None:
    outline = Outline(PAGE)
    inner = {link[1:] for link in outline.links if link.startswith("#")}
    assert inner
    assert inner <= set(outline.ids)


def test_every_note_is_a_footnote_and_every_footnote_a_note() -> None:
    ids = set(Outline(PAGE).ids)
    assert {f"c{note.number}" for note in SHOWN.notes} <= ids
    assert {f"at-c{note.number}" for note in SHOWN.notes} <= ids
    assert {"r1", "at-r1"} <= ids


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    outline = Outline(PAGE)
    assert "script" not in outline.tags
    assert [load for load in outline.loads if load != "data:,"] == []
    assert re.search(r"url\(|@import", PAGE) is None


def test_the_page_says_its_languages() -> None:
    assert '<html lang="en">' in PAGE
    assert '<article lang="en"' in PAGE


def test_the_words_of_the_article_are_all_there() -> None:
    words = Outline(PAGE).words
    assert all(line in words for line in WORDS.split("\n"))


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>", "&lt;b&gt;"]
)
def test_an_article_cannot_write_html(attack: str) -> None:
    text = f"{attack} Dax {attack}"
    claim = Claim(INCIDENT, CG["endDate"], Literal(attack), span(attack, text), 0.9, attack, attack)
    article = Article(ArticleId("a"), text, attack, attack, attack, f"javascript:{attack}", attack)
    organisation = Organisation(OrganisationKey("x"), attack, CG["Hospital"], (attack,))
    made = Report(
        article, (organisation,), (ReportedIncident(IncidentKey("i"), True),), (claim,),
        (Rejection(span("Dax", text), attack, attack),),
    )  # fmt: skip
    outline = Outline(page(view(made, ONTOLOGY)))
    assert outline.unbalanced == []
    assert not {"script", "img"} & set(outline.tags)
    assert not [link for link in outline.links if not link.startswith("#")]


def test_characters_that_html_forbids_are_replaced() -> None:
    text = "Dax\x00\x08\ud800 hit"
    shown = page(view(report(text), ONTOLOGY))
    assert "\ufffd" in shown
    shown.encode("utf-8")


def test_every_kind_has_a_colour_in_light_and_dark() -> None:
    css = (ROOT / "src/codegrey/explain/page.css").read_text(encoding="utf-8")
    assert all(css.count(f"--{kind.name}: ") == 2 for kind in KINDS)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_colours_of_footnotes_can_be_read() -> None:
    css = (ROOT / "src/codegrey/explain/page.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
    for part, paper in ((light, "#ffffff"), (dark, "#14191d")):
        for kind in (*(k.name for k in KINDS), "refused"):
            match = re.search(rf"--{kind}: (#[0-9a-f]{{6}})", part)
            assert match is not None, kind
            bright, faint = sorted((luminance(match[1]), luminance(paper)), reverse=True)
            assert (bright + 0.05) / (faint + 0.05) >= 4.5, kind  # WCAG 2.2, 1.4.3


@settings(max_examples=15, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_article_that_can_be_read_can_be_explained(words: str) -> None:
    made = read(f"St. Mary's Hospital was hit by ransomware. {words}")
    shown = view(made, ONTOLOGY)
    assert text_of(shown) == made.article.text
    assert Outline(page(shown)).unbalanced == []


# -------------------------------------------------------------------------------- the command


def test_the_command_prints_the_article_and_its_claims(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(ROOT / "data/articles/fr-dax-rancongiciel.md")]) == 0
    shown = capsys.readouterr().out
    assert "victim: " in shown
    assert re.search(r"\[\d+( \d+)*\]", shown)


def test_the_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "dax.html"
    assert main(["explain", str(ROOT / "data/articles/fr-dax-rancongiciel.md"), "--html", str(target)]) == 0
    assert "wrote" in capsys.readouterr().out
    assert Outline(target.read_text(encoding="utf-8")).unbalanced == []


def test_the_command_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    words = b"St. Mary's Hospital was hit by ransomware on 3 March 2023.\x1b[31m Staff went back to pen and paper."
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(words)))
    assert main(["explain", "-"]) == 0
    shown = capsys.readouterr().out
    assert "degraded mode" in shown
    assert "\x1b" not in shown


def test_the_command_wants_one_article(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(f"Article {name}.\n", encoding="utf-8")
    assert main(["explain", str(tmp_path)]) == 2
    assert main(["explain", str(tmp_path / "none.md")]) == 3
    assert "2 articles" in capsys.readouterr().err
