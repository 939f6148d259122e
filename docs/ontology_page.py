"""Write docs/ontology.md: the whole model on one page, from the ontology and nothing else.

python docs/ontology_page.py            writes the page beside this script
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from codegrey.ontology import Ontology, load_ontology
from codegrey.terms import Iri, Literal, Term
from codegrey.vocab import OWL, PREFIXES, RDF, RDFS, TYPE

PAGE = Path(__file__).with_name("ontology.md")
OWN = PREFIXES["cg"]
INTRO = """<!-- Written by docs/ontology_page.py from ontology/*.ttl. Change those, then run it again. -->
# The model on one page

Prefix `cg:` = `{namespace}`, version {version}. Every term has a label and a definition in English and French;
this page shows the English ones. Arrows in the drawing are properties. What stands under *What follows* is added by
reasoning (OWL 2 RL) and written to its own graph, `graph/entailed`.

```
Article ◄─reportedIn─ Incident ─victim──────► HealthcareOrganisation ─partOf─► group ─location─► Place ─partOf─► country
   ▲                    ├─startDate, endDate, ransomStatus, dataStatus, careStatus
   │ wasDerivedFrom     ├─attack───────► Attack ─attributedTo─► ThreatActor, ─malware─► Malware, ─technique─► ATT&CK
 Claim ─evidence─► words├─impact───────► Impact ─count, affectedService, affectedSystem
   subject, predicate,  ├─response─────► ResponseAction ─performedBy─► Organisation
   object: the fact     └─ransomDemand─► RansomDemand ─amount, currency, deadline
```
"""


def page(ontology: Ontology) -> str:
    """The whole page as Markdown."""
    parts = [
        INTRO.format(namespace=OWN, version=ontology.version),
        "## Classes\n",
        *_classes(ontology),
        "\n## Properties\n\n| property | from | to | meaning |\n| --- | --- | --- | --- |",
        *_properties(ontology),
        "\n## What follows\n",
        *_axioms(ontology),
        "\n## Concepts\n",
        *_schemes(ontology),
    ]
    return "\n".join(parts) + "\n"


def short(iri: str) -> str:
    """An IRI with its prefix; without one where it is our own."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            name = iri.removeprefix(namespace)
            return name if prefix == "cg" else f"{prefix}:{name}"
    return iri.rsplit("/", 1)[-1]


def _classes(ontology: Ontology, above: Iri | None = None, depth: int = 0) -> Iterator[str]:
    for iri in ontology.classes:
        nearest = _nearest(ontology, iri)
        if above in nearest or (above is None and not nearest):
            known = sorted(short(x) for x in _direct(ontology, iri) if not x.startswith(OWN))
            also = f" ⊑ {', '.join(known)}" if known else ""
            yield f"{'  ' * depth}- **{short(iri)}**{also}: {ontology.definition(iri)}"
            yield from _classes(ontology, iri, depth + 1)


def _direct(ontology: Ontology, iri: Iri) -> set[Iri]:
    return {
        Iri(str(o)) for s, p, o in ontology.triples if s == iri and p == RDFS["subClassOf"] and "/axiom/" not in str(o)
    }


def _nearest(ontology: Ontology, iri: Iri) -> set[Iri]:
    return {x for x in _direct(ontology, iri) if x.startswith(OWN)}


def _properties(ontology: Ontology) -> Iterator[str]:
    order = [
        "Incident",
        "Attack",
        "Impact",
        "ResponseAction",
        "RansomDemand",
        "Organisation",
        "Place",
        "Article",
        "Claim",
    ]
    rows = []
    for iri in ontology.properties:
        domain, values = ontology.domain(iri), ontology.range(iri)
        if not domain and not values:
            continue
        first = min((order.index(short(x)) for x in domain if short(x) in order), default=len(order))
        cells = (short(iri), _names(domain), _names(values), ontology.definition(iri))
        rows.append((first, f"| `{cells[0]}` | {cells[1]} | {cells[2]} | {cells[3]} |"))
    yield from (row for _, row in sorted(rows, key=lambda row: row[0]))


def _names(iris: Iterable[Iri]) -> str:
    return ", ".join(sorted(short(iri) for iri in iris)) or "any"


def _axioms(ontology: Ontology) -> Iterator[str]:
    reader = _Reader(ontology)
    lines = set()
    for s, p, o in ontology.triples:
        if p == RDFS["subClassOf"] and ("/axiom/" in s or "/axiom/" in str(o)):
            lines.add(f"- {reader.words(s)} → {reader.words(o)}")
        elif p == OWL["equivalentClass"]:
            lines.add(f"- {reader.words(o)} ↔ {reader.words(s)}")
        elif p == OWL["propertyChainAxiom"]:
            lines.add(f"- {' ∘ '.join(f'`{short(str(x))}`' for x in reader.members(o))} → `{short(s)}`")
        elif p == OWL["inverseOf"]:
            lines.add(f"- `{short(s)}` and `{short(str(o))}` are inverses")
        elif p == RDFS["subPropertyOf"]:
            lines.add(f"- `{short(s)}` → `{short(str(o))}`")
        elif p == TYPE and o in (OWL["TransitiveProperty"], OWL["SymmetricProperty"]):
            lines.add(f"- `{short(s)}` is {short(str(o)).removeprefix('owl:').removesuffix('Property').lower()}")
        elif p == OWL["members"]:
            lines.add(f"- Nothing is two of: {', '.join(short(str(x)) for x in reader.members(o))}")
    yield from sorted(lines, key=str.casefold)


class _Reader:
    """Reads class expressions back into words."""

    def __init__(self, ontology: Ontology) -> None:
        self._about: dict[str, dict[Iri, Term]] = {}
        for s, p, o in ontology.triples:
            self._about.setdefault(s, {})[p] = o

    def members(self, head: Term) -> Iterator[Term]:
        """The members of an RDF list."""
        while head != RDF["nil"]:
            cell = self._about[str(head)]
            yield cell[RDF["first"]]
            head = cell[RDF["rest"]]

    def words(self, term: Term) -> str:
        """A class expression in words."""
        if isinstance(term, Literal) or "/axiom/" not in term:
            return f"**{short(str(term))}**"
        about = self._about[term]
        if OWL["intersectionOf"] in about:
            return " and ".join(self.words(x) for x in self.members(about[OWL["intersectionOf"]]))
        name = f"`{short(str(about[OWL['onProperty']]))}`"
        if OWL["hasValue"] in about:
            return f"{name} is {short(str(about[OWL['hasValue']]))}"
        return f"{name} some {self.words(about[OWL['someValuesFrom']])}"


def _schemes(ontology: Ontology) -> Iterator[str]:
    for scheme in ontology.schemes:
        yield f"- **{short(scheme)}**: " + ", ".join(
            f"`{short(iri)}`" + (f" ({ontology.label(iri)})" if not iri.startswith(OWN) else "")
            for iri in ontology.concepts(scheme)
        )


if __name__ == "__main__":
    PAGE.write_text(page(load_ontology()), encoding="utf-8")
