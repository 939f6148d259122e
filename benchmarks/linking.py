"""How well names in articles are linked to a full register, beside the token-set ratio alone.

    python benchmarks/linking.py REGISTERS [--errors] [--half a|b]

REGISTERS is a folder that `codegrey registry update` filled, or one that holds the tables hospitals.tsv and
hospitals_fr.tsv. The gold is data/gold/linking.tsv: a mention as articles write it, what its article says of the place,
and the identifiers of the node that is meant, or none; a quarter of the rows are traps. Thresholds were
chosen by looking at all of it; the halves (by the hash of the mention) show the spread.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from rapidfuzz import fuzz, process

from codegrey.link import Index, Verdict, link, make_index
from codegrey.link.bodies import bodies, legal_entities
from codegrey.model import Organisation, OrganisationKey
from codegrey.registry import load_registry, make_registry
from codegrey.registry.register import Row, read_register, refusal
from codegrey.registry.sources import read_finess, read_table
from codegrey.vocab import CG

GOLD = Path(__file__).parents[1] / "data" / "gold" / "linking.tsv"
Answer = tuple[Verdict, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Case:
    """One mention and the identifiers of what it means; none for a mention of nothing that the register has."""

    mention: str
    city: str
    country: str
    kind: str
    expected: frozenset[str]

    @property
    def half(self) -> str:
        """Which half of the gold it is in."""
        return "ab"[hashlib.sha256(self.mention.encode()).digest()[0] & 1]


def load_cases(path: Path = GOLD) -> list[Case]:
    """The gold."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Case(r["mention"], r["city"], r["country"], r["set"], frozenset(set(r["expected"].split("|")) - {"none"}))
            for r in rows
        ]


def load_rows(folder: Path) -> list[Row]:
    """A register's rows, from the tables that `registry update` writes or from the two source files."""
    sources = {"hospitals.tsv": read_table, "hospitals_fr.tsv": read_finess}
    if all((folder / name).exists() for name in sources):
        return [row for name, read in sources.items() for row in read(folder / name) if not refusal(row)]
    return [row for path in sorted(folder.glob("*.tsv")) for row in read_register(path)]


def make_full_index(folder: Path) -> Index:
    """The index of the register alone; what ships with codegrey is left out, so that nothing is known beforehand."""
    shipped = load_registry()
    rows = load_rows(folder)
    entries = bodies([*rows, *legal_entities(rows)], base=shipped.base, places=shipped.places)
    return make_index(make_registry(entries, places=shipped.places, base=shipped.base))


def linker(index: Index) -> Callable[[Case], Answer]:
    """codegrey's own."""

    def answer(case: Case) -> Answer:
        key = OrganisationKey("mention")
        organisation = Organisation(key, case.mention, CG["HealthcareOrganisation"], (), case.city, case.country)
        decision = link(organisation, index)
        found = index.known[decision.iri].entry.identifiers if decision.iri else ()
        return decision.verdict, frozenset(found)

    return answer


def baseline(index: Index) -> Callable[[Case], Answer]:
    """The token-set ratio over every name: certain from 95, likely from 85."""
    names = [(name.lower(), entry) for entry in index.registry.entries for name in entry.names]
    choices = [name for name, _ in names]

    def answer(case: Case) -> Answer:
        best = process.extractOne(case.mention.lower(), choices, scorer=fuzz.token_set_ratio, score_cutoff=85)
        if best is None:
            return Verdict.NONE, frozenset()
        verdict = Verdict.CERTAIN if best[1] >= 95 else Verdict.LIKELY
        return verdict, frozenset(names[best[2]][1].identifiers)

    return answer


def measure(name: str, cases: Sequence[Case], answer: Callable[[Case], Answer], *, errors: bool) -> None:
    """Print one line of the table, and the mistakes if they are asked for."""
    tally: Counter[str] = Counter()
    times = []
    for case in cases:
        start = time.perf_counter()
        verdict, found = answer(case)
        times.append(time.perf_counter() - start)
        right = bool(found & case.expected)
        tally["linkable"] += bool(case.expected)
        tally[f"{verdict} right"] += right
        tally[f"{verdict} wrong"] += bool(found) and not right
        if errors and (bool(found) != right or bool(case.expected) != right):
            print(f"  {name}: {case.mention!r} ({case.city}, {case.country}) {verdict}; expected {set(case.expected)}")
    certain, wrong = tally["certain right"], tally["certain wrong"]
    either, either_wrong = certain + tally["likely right"], wrong + tally["likely wrong"]
    cells = (
        certain / max(1, certain + wrong),
        certain / max(1, tally["linkable"]),
        either / max(1, either + either_wrong),
        either / max(1, tally["linkable"]),
        quantiles(times, n=20)[18] * 1000,
    )
    print(f"{name:<24}{len(cases):>6}" + "".join(f"{cell:>12.3f}" for cell in cells))


def main() -> int:
    """Measure both, on all cases and on each half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("registers", type=Path)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--half", choices=("a", "b"))
    parser.add_argument("--no-baseline", action="store_true")
    options = parser.parse_args()
    start = time.perf_counter()
    index = make_full_index(options.registers)
    print(f"{len(index.known)} organisations indexed in {time.perf_counter() - start:.1f} s")
    heading = ("sure P", "sure R", "any P", "any R", "p95 ms")
    print(f"{'':<24}{'cases':>6}" + "".join(f"{cell:>12}" for cell in heading))
    every = [case for case in load_cases() if options.half in (None, case.half)]
    for name, answer in (("codegrey", linker(index)), ("token-set ratio", baseline(index))):
        if name != "codegrey" and options.no_baseline:
            continue
        measure(name, every, answer, errors=options.errors)
        for half in "ab" if not options.half else "":
            measure(f"  half {half}", [case for case in every if case.half == half], answer, errors=False)
        for kind in ("article", "variant", "trap") if name == "codegrey" else ():
            measure(f"  {kind}", [case for case in every if case.kind == kind], answer, errors=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
