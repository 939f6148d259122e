"""Which reports speak of one incident: pairwise precision and recall against data/gold/incidents.tsv.

    python benchmarks/fusion.py GOLD_FOLDER… [--errors] [--shuffles N]

Each folder holds annotated articles (one JSON file each, as in data/gold), fused as if an extractor
had read them without a mistake, so that only fusion is measured.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from codegrey.fusion import fuse
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
from codegrey.registry import load_registry
from codegrey.terms import Iri, typed
from codegrey.vocab import CG, TYPE

GOLD = Path(__file__).parents[1] / "data" / "gold" / "incidents.tsv"
DATES = {4: "gYear", 7: "gYearMonth", 10: "date"}
Told = Mapping[str, Any]


def read_gold(folder: Path) -> Iterator[Report]:
    """The annotated articles of a folder as reports."""
    for path in sorted(folder.glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(told, dict) and "incidents" in told:
            yield _report(ArticleId(path.stem), told)


def _report(article: ArticleId, told: Told) -> Report:
    organisations: dict[str, Organisation] = {}
    claims: list[Claim] = []
    for incident in told["incidents"]:
        claims += _claims(incident, organisations)
    incidents = tuple(ReportedIncident(IncidentKey(i["key"]), bool(i.get("focus", True))) for i in told["incidents"])
    source = Article(article, "", language=told.get("language") or "", published=told.get("published") or "")
    return Report(source, tuple(organisations.values()), incidents, tuple(claims))


def _claims(told: Told, organisations: dict[str, Organisation]) -> Iterator[Claim]:
    key = told["key"]
    here, attack = Node(Role.INCIDENT, key), Node(Role.ATTACK, key)
    for victim in told.get("victims") or ():
        yield _claim(here, CG["victim"], _organisation(victim, CG["HealthcareOrganisation"], organisations))
    if told.get("start"):
        yield _claim(here, CG["startDate"], typed(told["start"], DATES[len(told["start"])]))
    for kind in told.get("attack") or ():
        yield _claim(attack, TYPE, CG[kind])
    for name in told.get("actors") or ():
        yield _claim(attack, CG["attributedTo"], _organisation({"name": name}, CG["ThreatActor"], organisations))
    for name in told.get("responders") or ():
        yield _claim(here, CG["responder"], _organisation({"name": name}, CG["Responder"], organisations))
    for impact in told.get("impacts") or ():
        yield _claim(here, CG["impact"], Node(Role.IMPACT, key, CG[impact["type"]]))
    for action in told.get("actions") or ():
        yield _claim(here, CG["response"], Node(Role.RESPONSE, key, CG[action]))
    for status in told.get("data") or ():
        yield _claim(here, CG["dataStatus"], CG[f"Data{status}"])


def _organisation(told: Told, kind: Iri, organisations: dict[str, Organisation]) -> OrganisationRef:
    key = OrganisationKey(told["name"])
    aliases = tuple(told.get("aliases") or ())
    organisations[key] = Organisation(key, key, kind, aliases, told.get("city") or "", told.get("country") or "")
    return OrganisationRef(key)


def _claim(subject: Node, predicate: Iri, value: Value) -> Claim:
    return Claim(subject, predicate, value, Span(0, 0, ""), 0.9, "gold")


def pairs(of: Mapping[str, str]) -> set[tuple[str, str]]:
    """Every two reported incidents that are one incident."""
    groups: dict[str, list[str]] = defaultdict(list)
    for item, incident in sorted(of.items()):
        groups[incident].append(item)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def measure(reports: Sequence[Report], *, errors: bool) -> None:
    """Print how the clusters compare with the gold."""
    with GOLD.open(encoding="utf-8", newline="") as stream:
        gold = {f"{row['article']}#{row['key']}": row["incident"] for row in csv.DictReader(stream, delimiter="\t")}
    start = time.perf_counter()
    fusion = fuse(reports, load_registry())
    spent = time.perf_counter() - start
    got = {key: iri for key, iri in fusion.assignments if key in gold}
    want = pairs({key: gold[key] for key in got})
    have = pairs(got)
    both = want & have
    precision, recall = len(both) / max(1, len(have)), len(both) / max(1, len(want))
    print(f"{len(reports)} articles, {len(got)} reported incidents, {len(set(got.values()))} fused, {spent:.2f} s")
    print(f"pairs: {len(want)} wanted, {len(have)} made; precision {precision:.3f}, recall {recall:.3f}")
    for sign, wrong in (("+", have - want), ("-", want - have)):
        for left, right in sorted(wrong) if errors else ():
            print(f"  {sign} {left}  {right}")


def main() -> int:
    """Measure, then shuffle and re-add."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--shuffles", type=int, default=0)
    options = parser.parse_args()
    reports = [report for folder in options.folders for report in read_gold(folder)]
    known = {row.split("\t")[0] for row in GOLD.read_text(encoding="utf-8").splitlines()}
    reports = [report for report in reports if report.article.id in known]
    measure(reports, errors=options.errors)
    registry, chance = load_registry(), random.Random(0)
    whole = fuse(reports, registry)
    for _ in range(options.shuffles):
        shuffled = chance.sample(reports, len(reports))
        cut = chance.randrange(len(reports))
        before = fuse(shuffled[:cut], registry)
        after = fuse(shuffled, registry, known=dict(before.assignments))
        alive = {iri for incident in after.incidents for iri in (incident.iri, *incident.replaces)}
        if fuse(shuffled, registry) != whole or not {incident.iri for incident in before.incidents} <= alive:
            print("an order of the articles made a difference")
            return 1
    if options.shuffles:
        print(f"{options.shuffles} shuffles, each cut in two and added to: no difference, no IRI lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
