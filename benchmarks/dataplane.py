"""How long graph, reasoning, dumps, store and shapes take on synthetic incidents, beside rdflib and owlrl in one run.

    python benchmarks/dataplane.py [INCIDENTS]      2,000 by default; the references run on bounded samples

Seconds depend on the machine; the ratios, taken in one process on the same triples, hardly do.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import rdflib

from codegrey.dataset import publish
from codegrey.dump import nquads, trig, turtle, write
from codegrey.graph import fusion_quads, graph_iri, in_graph
from codegrey.model import Article, ArticleId, CitedClaim, FusedOrganisation, Fusion, Incident, Span
from codegrey.ontology import load_ontology
from codegrey.reason import compile_rules, entail, entail_with_owlrl
from codegrey.settings import Settings
from codegrey.store import build_store
from codegrey.terms import Iri, Quad, Term, Triple, ntriples, text, typed
from codegrey.validate import load_shapes, validate
from codegrey.vocab import CG, LABEL, TYPE

BASE = "https://example.org/id/"
RDFLIB_SAMPLE, OWLRL_SAMPLE, SHAPES_SAMPLE = 100, 40, 60
T = TypeVar("T")

KINDS = {
    "attack": "RansomwareAttack",
    "ransom": "RansomDemand",
    "impact/patient-transfer": "PatientTransfer",
    "impact/system-outage": "SystemOutage",
    "response/technical-investigation": "TechnicalInvestigation",
    "response/system-isolation": "SystemIsolation",
}


def synthetic(count: int) -> tuple[Fusion, tuple[Article, ...]]:
    """``count`` incidents, each told by two articles in 15 claims each."""
    articles = tuple(_article(number) for number in range(2 * count))
    return Fusion(tuple(_incident(n, articles) for n in range(count)), tuple(_organisations(count))), articles


def _article(number: int) -> Article:
    words = f"Hospital {number} attacked. " + "Systems are down and six patients were transferred. " * 20
    return Article(
        ArticleId(f"{number:016x}"), words, f"Hospital {number} attacked", "en", "2022-12-05", f"https://e.org/{number}"
    )


def _organisations(count: int) -> list[FusedOrganisation]:
    anssi = FusedOrganisation(Iri(BASE + "organisation/anssi"), (CG["CyberAgency"],), (text("ANSSI", "fr"),))
    actor = FusedOrganisation(Iri(BASE + "actor/lockbit"), (CG["ThreatActor"],), (text("LockBit", "en"),))
    group = FusedOrganisation(Iri(BASE + "organisation/group"), (CG["HospitalGroup"],), (text("Group", "en"),))
    victims = [
        FusedOrganisation(
            _victim(n), (CG["Hospital"],), (text(f"Hospital {n}", "en"),), country="FR", part_of=(group.iri,)
        )
        for n in range(count)
    ]
    return [anssi, actor, group, *victims]


def _victim(number: int) -> Iri:
    return Iri(f"{BASE}organisation/hospital-{number}")


def _incident(number: int, articles: tuple[Article, ...]) -> Incident:
    iri = Iri(f"{BASE}incident/hospital-{number}-2022-12")
    node = {path: Iri(f"{iri}/{path}") for path in KINDS}
    facts: list[tuple[Iri, Iri, Term]] = [
        (iri, CG["victim"], _victim(number)),
        (iri, CG["startDate"], typed("2022-12-03", "date")),
        (iri, CG["dataStatus"], CG["DataStolen"]),
        (iri, CG["ransomStatus"], CG["RansomDemanded"]),
        (node["attack"], TYPE, CG["RansomwareAttack"]),
        (node["attack"], CG["attributedTo"], Iri(BASE + "actor/lockbit")),
        (node["ransom"], CG["amount"], typed(10_000_000, "integer")),
        (node["ransom"], CG["currency"], typed("USD", "string")),
        (iri, CG["impact"], node["impact/patient-transfer"]),
        (node["impact/patient-transfer"], CG["affectedService"], CG["IntensiveCare"]),
        (iri, CG["impact"], node["impact/system-outage"]),
        (iri, CG["response"], node["response/technical-investigation"]),
        (node["response/technical-investigation"], CG["performedBy"], Iri(BASE + "organisation/anssi")),
        (iri, CG["response"], node["response/system-isolation"]),
        (node["response/system-isolation"], CG["affectedSystem"], CG["Network"]),
    ]
    told = articles[2 * number : 2 * number + 2]
    return Incident(
        iri,
        labels=(text(f"Cyberattack on hospital {number}", "en"), text(f"Cyberattaque contre l'hôpital {number}", "fr")),
        victims=(_victim(number),),
        articles=tuple(article.id for article in told),
        focus_of=(told[0].id,),
        kinds=tuple((node[path], CG[kind]) for path, kind in KINDS.items()),
        claims=tuple(_claim(*fact, article, place) for article in told for place, fact in enumerate(facts)),
    )


def _claim(s: Iri, p: Iri, o: Term, article: Article, place: int) -> CitedClaim:
    start = 25 + 10 * place
    return CitedClaim(
        s, p, o, article.id, Span(start, start + 9, article.text[start : start + 9]), 0.9, "patterns", "r"
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    start = perf_counter()
    result = work()
    return result, perf_counter() - start


def row(what: str, seconds: float, size: int, unit: str, reference: str = "") -> None:
    print(f"{what:<34}{seconds:>8.2f} s{size / seconds:>12,.0f} {unit}/s   {reference}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    fusion, articles = synthetic(count)
    quads, spent = timed(lambda: fusion_quads(fusion, articles, base=BASE))
    print(f"{count:,} incidents, {len(articles):,} articles, {len(quads):,} quads\n")
    row("graph: values to quads", spent, len(quads), "quads")
    ontology = load_ontology().triples
    entailed = _reasoning(quads, ontology)
    everything = (*quads, *entailed)
    with tempfile.TemporaryDirectory() as folder:
        _dumps(everything, Path(folder))
        _publishing(everything, articles, Path(folder))
    _shapes(quads, ontology)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def _reasoning(quads: tuple[Quad, ...], ontology: tuple[Triple, ...]) -> tuple[Quad, ...]:
    rules, spent = timed(lambda: compile_rules(ontology))
    row("reason: compile the ontology", spent, len(ontology), "triples")
    triples = [(s, p, o) for s, p, o, _ in quads]
    found, spent = timed(lambda: entail(triples, rules))
    row("reason: entail", spent, len(triples), "triples", f"{len(found):,} entailed")
    sample = [triple for triple in triples if "hospital-" in triple[0] and _number(triple[0]) < OWLRL_SAMPLE]
    ours, small = timed(lambda: entail(sample, rules))
    theirs, reference = timed(lambda: entail_with_owlrl(sample, ontology, rules))
    ratio = f"owlrl {reference:.2f} s: x{reference / small:,.0f}; same result: {ours == theirs}"
    row(f"reason: entail {len(sample)} triples", small, len(sample), "triples", ratio)
    return in_graph(found, graph_iri(BASE, "entailed"))


def _number(iri: Iri) -> int:
    """The number in the name of a synthetic hospital or incident."""
    return int(iri.partition("hospital-")[2].partition("-")[0].partition("/")[0])


def _dumps(quads: tuple[Quad, ...], folder: Path) -> None:
    step = max(1, len(quads) // (RDFLIB_SAMPLE * 500))
    some = [(s, p, o) for s, p, o, _ in quads[::step]]
    graph = rdflib.Graph().parse(data="".join(" ".join(map(ntriples, t)) + " .\n" for t in some), format="nt")
    for name, form, work in (
        ("codegrey.nq", "nt", nquads),
        ("codegrey.trig", "turtle", lambda rows: trig(rows, base=BASE)),
    ):
        digest, spent = timed(lambda work=work, name=name: write(folder / name, work(quads)))  # type: ignore[misc]
        again = write(folder / f"again-{name}", work(reversed(quads)))
        few = [(*triple, graph_iri(BASE, "x")) for triple in some]
        _, small = timed(lambda work=work, few=few: write(folder / "few", work(few)))  # type: ignore[misc]
        _, reference = timed(lambda form=form: graph.serialize(format=form))  # type: ignore[misc]
        ratio = f"rdflib {form} on {len(some):,}: x{reference / small:.1f}; same bytes twice: {digest == again}"
        row(f"dump: {name}", spent, len(quads), "quads", ratio)
    _, spent = timed(lambda: write(folder / "x.ttl", turtle(((s, p, o) for s, p, o, _ in quads), base=BASE)))
    row("dump: all as one Turtle", spent, len(quads), "quads")
    _, spent = timed(lambda: build_store(folder / "store", folder / "codegrey.nq"))
    row("store: load the N-Quads", spent, len(quads), "quads")


def _publishing(quads: tuple[Quad, ...], articles: tuple[Article, ...], folder: Path) -> None:
    settings = Settings(base=BASE)
    dataset, spent = timed(lambda: publish(folder / "d", quads, articles=articles, settings=settings))
    row("dataset: publish (all of it)", spent, len(quads), "quads", f"version {dataset.version}")


def _shapes(quads: tuple[Quad, ...], ontology: tuple[Triple, ...]) -> None:
    """All incidents, which conform; then some that do not and go to pyshacl, on one process and on two."""
    shapes = load_shapes()
    incidents = sorted(s for s, p, o, _ in quads if (p, o) == (TYPE, CG["Incident"]))
    found, spent = timed(lambda: validate(quads, shapes, ontology, base=BASE))
    each = spent / len(incidents)
    row("validate: all incidents", spent, len(incidents), "incidents", f"{len(found)} findings")
    broken = frozenset(incidents[:SHAPES_SAMPLE])
    rows = [(s, p, o, g) for s, p, o, g in quads if not (s in broken and p == LABEL)]
    for jobs in (1, 2):
        work = partial(validate, rows, shapes, ontology, base=BASE, jobs=jobs, only=broken)
        found, spent = timed(work)
        ratio = f"{len(found)} findings; pyshacl: x{spent / len(broken) / each:.0f} an incident"
        row(f"validate: {len(broken)} broken ones, {jobs} jobs", spent, len(broken), "incidents", ratio)


if __name__ == "__main__":
    main()
