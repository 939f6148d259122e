"""What curators decided about links: SSSOM tables with negative mappings (https://mapping-commons.github.io/sssom/).

A row says that a name, as articles write it, is (or is Not) a node or an outside record:

    subject_label  subject_city  subject_country  predicate_modifier  predicate_id  object_id  author_label …

City and country may be left empty, and then any will do. ``object_id`` is an IRI of ours, a CURIE (``wikidata:Q42``,
``ror:…``, ``finess:…``) or any IRI. A verdict always wins over a score and survives every rebuild, because it hangs on
the name and not on a node that a rebuild may call otherwise.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codegrey.errors import DataError
from codegrey.registry import Registry
from codegrey.registry.places import fold
from codegrey.terms import Iri
from codegrey.vocab import PREFIXES

SAME, CLOSE, CURATED = "owl:sameAs", "skos:closeMatch", "semapv:ManualMappingCuration"
COLUMNS = (
    "subject_label",
    "subject_city",
    "subject_country",
    "predicate_modifier",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_label",
    "mapping_date",
    "confidence",
    "comment",
)
WEB = {
    "wikidata": PREFIXES["wd"],
    "ror": "https://ror.org/",
    "semapv": "https://w3id.org/semapv/vocab/",
}
_HEAD = """# mapping_set_id: https://w3id.org/codegrey/id/mappings/curated
# license: https://creativecommons.org/licenses/by/4.0/
# extension_definitions:
#   - slot_name: subject_city
#   - slot_name: subject_country
"""
Name = tuple[str, str, str]  # folded name, folded city, country


@dataclass(frozen=True, slots=True)
class Judgement:
    """One row: a name is, or is not, something; who said so and when."""

    name: str
    object_id: str
    city: str = ""
    country: str = ""
    negative: bool = False
    predicate: str = SAME
    object_label: str = ""
    justification: str = CURATED
    author: str = ""
    date: str = ""
    confidence: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Curated links, ready to be looked up."""

    mappings: tuple[Judgement, ...] = ()
    by_name: Mapping[str, tuple[Judgement, ...]] = field(default_factory=dict)

    def about(self, names: Iterable[str], city: str, country: str) -> Iterator[Judgement]:
        """The verdicts on any of these names that fit the place."""
        for name in names:
            for mapping in self.by_name.get(fold(name), ()):
                fits_city = not mapping.city or not city or fold(mapping.city) == fold(city)
                fits_country = not mapping.country or not country or mapping.country == country
                if fits_city and fits_country:
                    yield mapping


def make_verdicts(mappings: Iterable[Judgement]) -> Verdicts:
    """Index verdicts by name; of two on one name and object the later date wins."""
    latest: dict[tuple[Name, str], Judgement] = {}
    for mapping in sorted(mappings, key=lambda m: (m.date, m.name, m.object_id, m.negative)):
        latest[(fold(mapping.name), fold(mapping.city), mapping.country), mapping.object_id] = mapping
    by_name: dict[str, list[Judgement]] = {}
    for mapping in latest.values():
        by_name.setdefault(fold(mapping.name), []).append(mapping)
    return Verdicts(tuple(latest.values()), {name: tuple(them) for name, them in by_name.items()})


def read_verdicts(path: Path) -> Verdicts:
    """The verdicts of a file; none if there is no such file.

    :raises DataError: naming the line that has no name or no object, or the column that is missing.
    """
    if not path.exists():
        return Verdicts()
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter="\t", quoting=csv.QUOTE_NONE)
    if not {"subject_label", "object_id"} <= set(rows.fieldnames or ()):
        raise DataError(f"{path.name}: no columns subject_label and object_id; see {', '.join(COLUMNS)}")
    return make_verdicts(_mapping(row, f"{path.name}, mapping {n}") for n, row in enumerate(rows, start=1))


def _mapping(row: Mapping[str, str | None], where: str) -> Judgement:
    cells = {name: (value or "").strip() for name, value in row.items() if name}
    if not cells["subject_label"] or not cells["object_id"]:
        raise DataError(f"{where}: it needs a subject_label and an object_id")
    modifier = cells.get("predicate_modifier", "")
    if modifier not in ("", "Not"):
        raise DataError(f"{where}: predicate_modifier is {modifier!r}; it is empty or Not")
    return Judgement(
        name=cells["subject_label"],
        object_id=cells["object_id"],
        city=cells.get("subject_city", ""),
        country=cells.get("subject_country", ""),
        negative=modifier == "Not",
        predicate=cells.get("predicate_id") or SAME,
        object_label=cells.get("object_label", ""),
        justification=cells.get("mapping_justification") or CURATED,
        author=cells.get("author_label", ""),
        date=cells.get("mapping_date", ""),
        confidence=cells.get("confidence", ""),
        comment=cells.get("comment", ""),
    )


def write_verdicts(verdicts: Verdicts) -> str:
    """The table, sorted, so that a change is a line of a diff."""
    rows = sorted(map(_cells, verdicts.mappings))
    lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in (COLUMNS, *rows)]
    return _HEAD + "\n".join(lines) + "\n"


def _cells(m: Judgement) -> tuple[str, ...]:
    start = (m.name, m.city, m.country, "Not" if m.negative else "", m.predicate, m.object_id, m.object_label)
    return (*start, m.justification, m.author, m.date, m.confidence, m.comment)


def resolve(object_id: str, registry: Registry) -> Iri | None:
    """The registry's node of an object: by its IRI, or by an identifier that it has."""
    full = Iri(registry.base + object_id) if object_id.startswith(("organisation/", "actor/")) else Iri(object_id)
    if full in registry.by_iri:
        return full
    wanted = curie(object_id)
    return next((entry.iri for entry in registry.entries if wanted in entry.identifiers), None)


def outside(object_id: str) -> Iri:
    """An outside record as an IRI."""
    scheme, _, value = object_id.partition(":")
    return Iri(WEB[scheme] + value) if scheme in WEB else Iri(object_id)


def curie(object_id: str) -> str:
    """``wikidata:Q42`` for either of its forms."""
    for scheme, start in WEB.items():
        if object_id.startswith(start):
            return f"{scheme}:{object_id.removeprefix(start)}"
    return object_id.replace("wd:", "wikidata:", 1) if object_id.startswith("wd:") else object_id
