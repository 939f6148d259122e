from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from codegrey.dump import nquads, trig, turtle, write
from codegrey.terms import STRING, XSD, Iri, Literal, Quad, Triple, text, typed
from codegrey.vocab import CG, LABEL, TYPE

BASE = "https://example.org/id/"

iris = st.one_of(
    st.sampled_from(
        [
            CG["Incident"],
            TYPE,
            LABEL,
            Iri(BASE),
            Iri(BASE + "incident/a-1"),
            Iri(BASE + "incident/a-1/attack"),
            Iri(BASE + "a/../b"),
            Iri(BASE + ".hidden"),
            Iri(BASE + "a//b"),
            Iri(BASE + "a:b"),
            Iri(BASE + "caf\u00e9"),
            Iri(BASE + "a%20b.c."),
            Iri("https://attack.mitre.org/techniques/T1486"),
            Iri("http://www.wikidata.org/entity/Q1"),
            Iri("urn:x:y"),
        ]
    ),
    st.from_regex(r"[A-Za-z0-9._~-]{0,8}", fullmatch=True).map(lambda name: CG[name]),
    st.from_regex(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,4}(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,4})?", fullmatch=True).map(
        lambda name: Iri(BASE + name)
    ),
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
literals = st.one_of(
    words.map(Literal),
    st.builds(text, words, st.sampled_from(["en", "fr", "pt-BR"])),
    st.integers().map(lambda n: typed(n, "integer")),
    st.sampled_from(
        [
            typed("true", "boolean"),
            typed("1.50", "decimal"),
            typed("-0.5", "decimal"),
            typed("2022-12", "gYearMonth"),
            typed("2022-12-03", "date"),
            Literal("x", Iri(BASE + "datatype")),
        ]
    ),
)
graphs = st.sampled_from([Iri(BASE + "graph/incidents"), Iri(BASE + "graph/article/0a"), CG["g"]])
triples = st.lists(st.tuples(iris, iris, st.one_of(iris, literals)), max_size=12)
quads = st.lists(st.tuples(iris, iris, st.one_of(iris, literals), graphs), max_size=12)


def joined(pieces: object) -> str:
    return "".join(pieces)  # type: ignore[arg-type]


def from_oxigraph(term: object) -> Iri | Literal:
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    assert isinstance(term, ox.Literal)
    return Literal(term.value, Iri(term.datatype.value), term.language or "")


def read_quads(document: str, form: ox.RdfFormat) -> set[Quad]:
    rows = ox.parse(document.encode(), format=form)
    return {
        (
            Iri(q.subject.value),
            Iri(q.predicate.value),
            from_oxigraph(q.object),
            Iri(getattr(q.graph_name, "value", "")),
        )
        for q in rows
    }


def lowered(rows: set[Quad]) -> set[Quad]:
    """Language tags are compared without case (RDF 1.1 Concepts, section 3.3)."""
    return {
        (s, p, Literal(o.lexical, o.datatype, o.language.lower()) if isinstance(o, Literal) else o, g)
        for s, p, o, g in rows
    }


@given(quads)
@settings(max_examples=300, deadline=None)
def test_nquads_read_back_by_oxigraph_are_the_same_quads(rows: list[Quad]) -> None:
    assert lowered(read_quads(joined(nquads(rows)), ox.RdfFormat.N_QUADS)) == lowered(set(rows))


@given(quads)
@settings(max_examples=300, deadline=None)
def test_trig_read_back_by_oxigraph_is_the_same_quads(rows: list[Quad]) -> None:
    assert lowered(read_quads(joined(trig(rows, base=BASE)), ox.RdfFormat.TRIG)) == lowered(set(rows))


@given(triples)
@settings(max_examples=300, deadline=None)
def test_turtle_read_back_by_oxigraph_is_the_same_triples(rows: list[Triple]) -> None:
    document = joined(turtle(rows, base=BASE))
    assert lowered(read_quads(document, ox.RdfFormat.TURTLE)) == lowered({(*t, Iri("")) for t in rows})


@given(triples)
@settings(max_examples=150, deadline=None)
def test_turtle_and_ntriples_are_the_same_graph_to_rdflib(rows: list[Triple]) -> None:
    graph = Iri(BASE + "g")
    lines = joined(nquads((*t, graph) for t in rows)).replace(f" <{graph}> .\n", " .\n")
    expected = rdflib.Graph().parse(data=lines, format="nt")
    assert set(rdflib.Graph().parse(data=joined(turtle(rows, base=BASE)), format="turtle")) == set(expected)


@given(quads, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_and_repetition_of_the_input_never_show(rows: list[Quad], random: object) -> None:
    shuffled = rows + rows[:3]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert joined(nquads(shuffled)) == joined(nquads(rows))
    assert joined(trig(shuffled, base=BASE)) == joined(trig(rows, base=BASE))


@given(quads)
@settings(max_examples=50, deadline=None)
def test_nquads_are_sorted_by_bytes(rows: list[Quad]) -> None:
    lines = joined(nquads(rows)).encode().split(b"\n")[:-1]
    assert lines == sorted(set(lines))


def test_turtle_groups_subjects_and_puts_the_type_first() -> None:
    incident = Iri(BASE + "incident/versailles-2022-12")
    rows: list[Triple] = [
        (incident, LABEL, text('An "attack"', "en")),
        (incident, CG["count"], typed(6, "integer")),
        (incident, CG["attack"], Iri(incident + "/attack")),
        (incident, TYPE, CG["Incident"]),
        (incident, CG["startDate"], typed("2022-12-03", "date")),
    ]
    assert joined(turtle(rows, base=BASE, prefixes={"cg": str(CG), "xsd": XSD})) == (
        "@base <https://example.org/id/> .\n"
        "@prefix cg: <https://w3id.org/codegrey/ontology#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        "\n"
        "<incident/versailles-2022-12> a cg:Incident ;\n"
        '    <http://www.w3.org/2000/01/rdf-schema#label> "An \\"attack\\""@en ;\n'
        "    cg:attack <incident/versailles-2022-12/attack> ;\n"
        "    cg:count 6 ;\n"
        '    cg:startDate "2022-12-03"^^xsd:date .\n'
    )


def test_a_long_list_of_objects_takes_a_line_each() -> None:
    subject = Iri(BASE + "s")
    rows: list[Triple] = [(subject, CG["victim"], Iri(f"{BASE}organisation/some-long-name-{n}")) for n in range(4)]
    assert joined(turtle(rows, base=BASE)).count(",\n        <organisation/") == 3


def test_a_literal_keeps_its_lexical_form() -> None:
    row: Quad = (CG["s"], CG["p"], typed("1.50", "decimal"), CG["g"])
    assert '"1.50"' in joined(nquads([row]))
    assert " 1.50 ." in joined(trig([row]))


def test_an_integer_with_a_leading_zero_stays_quoted() -> None:
    row: Triple = (CG["s"], CG["p"], typed("007", "integer"))
    assert '"007"^^xsd:integer' in joined(turtle([row]))


def test_write_returns_the_digest_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.nq"
    digest = write(path, nquads([(CG["s"], CG["p"], Literal("é", STRING), CG["g"])]))
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_lone_surrogate_becomes_one_question_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.nq"
    write(path, nquads([(CG["s"], CG["p"], Literal("a\ud800b"), CG["g"])]))
    assert '"a?b"' in path.read_text(encoding="utf-8")


def test_no_quads_are_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "x.nq"
    write(path, nquads([]))
    assert path.read_bytes() == b""
