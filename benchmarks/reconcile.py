"""A batch of names, as OpenRefine sends them, against a full register: time a name, matches right and wrong.

    python benchmarks/reconcile.py REGISTERS [--names N]

The names are the mentions of data/gold/linking.tsv, with the town and the country that their articles give, repeated up
to N; the answers are those of API 0.2 with their JSON. Beside it the token-set ratio, best candidate first.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles

from linking import Case, baseline, load_cases, make_full_index

from codegrey.link import Index
from codegrey.link.questions import parse_old
from codegrey.link.reconcile import Reconciler, Type, answer_old, make_reconciler
from codegrey.terms import Iri
from codegrey.vocab import CG

Answer = Callable[[Case], tuple[bool, frozenset[str]]]  # match or not, identifiers of the first candidate


def reconciler(index: Index) -> Reconciler:
    """The service's view of a register."""
    registry = index.registry
    kinds = frozenset(kind for entry in registry.entries for kind in entry.kinds)
    types = [Type("Hospital", "Hospital", kinds | {CG["Hospital"]})]
    return make_reconciler(registry.entries, base=registry.base, types=types, places=registry.places)


def asked(known: Reconciler) -> Answer:
    """One query of a batch, there and back."""

    def answer(case: Case) -> tuple[bool, frozenset[str]]:
        properties = [
            {"pid": pid, "v": value} for pid, value in (("city", case.city), ("country", case.country)) if value
        ]
        batch = json.loads(json.dumps({"q": {"query": case.mention, "properties": properties}}))
        result = json.loads(json.dumps(answer_old(parse_old(batch)["q"], known)))["result"]
        entry = known.index.registry.get(Iri(known.base + result[0]["id"])) if result else None
        return bool(result and result[0]["match"]), frozenset(entry.identifiers if entry else ())

    return answer


def fuzzy(index: Index) -> Answer:
    """The baseline: a match from 95."""
    plain = baseline(index)

    def answer(case: Case) -> tuple[bool, frozenset[str]]:
        verdict, found = plain(case)
        return verdict == "certain", found

    return answer


def main() -> int:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("registers", type=Path)
    parser.add_argument("--names", type=int, default=500)
    options = parser.parse_args()
    index = make_full_index(options.registers)
    cases = list(islice(cycle(load_cases()), options.names))
    print(f"{len(cases)} names, {len(index.known)} organisations")
    for name, answer in (("codegrey", asked(reconciler(index))), ("token-set ratio", fuzzy(index))):
        tally: Counter[str] = Counter()
        times = []
        for case in cases:
            start = time.perf_counter()
            match, found = answer(case)
            times.append(1000 * (time.perf_counter() - start))
            right = bool(found & case.expected)
            tally["match"] += match
            tally["right match"] += match and right
            tally["first right"] += right
            tally["expected"] += bool(case.expected)
        cuts = quantiles(times, n=20)
        print(
            f"{name:<18} match {tally['match']}, right {tally['right match'] / max(1, tally['match']):.3f}; "
            f"of {tally['expected']} that are there: matched {tally['right match'] / tally['expected']:.3f}, "
            f"first {tally['first right'] / tally['expected']:.3f}; "
            f"median {cuts[9]:.1f} ms, p95 {cuts[18]:.1f} ms a name, {sum(times) / 1000:.1f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
