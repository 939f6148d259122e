"""Precision and recall of extraction against annotated articles, fact by fact.

A fact is (incident, slot, value); incidents are paired by their victims' names, each at most once, most victims in
common first. The gold is one JSON file an article (``docs/annotation.md``); ``splits.json`` beside them is no gold.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from codegrey.errors import DataError
from codegrey.model import Claim, Node, Organisation, OrganisationRef, Report, Role
from codegrey.terms import Literal
from codegrey.text import fold
from codegrey.vocab import CG, TYPE, local_name

SLOTS = tuple(
    "victim start attack actor ransom amount deadline data records impact count system action responder".split()
)
_SYSTEM_NAMES = {"LaboratorySystems": "Laboratory", "PharmacySystems": "Pharmacy"}
_GENERIC = frozenset(
    "hospital hospitals hopital hopitaux centre center centro clinic clinique clinica klinik klinikum klinikverbund health"
    " healthcare care medical medico medicale system systems group groupe groupement trust foundation nhs network service"
    " services hospitalier hospitaliere hospitaliers universitaire universitario university universitatsklinikum"
    " krankenhaus krankenhauser ospedale azienda ch chu chr ght gh regional regionale intercommunal general the of de du"
    " des d l la le les da di del dell della and et und y e saint st ste sainte a au aux en inc ltd llc gmbh".split()
)

Fact = tuple[str, Any]


class Side(NamedTuple):
    """One incident on either side: its name, the names of each victim, its facts."""

    name: str
    victims: tuple[tuple[str, ...], ...]
    facts: frozenset[Fact]


class Outcome(NamedTuple):
    """One fact judged: ``tp``, ``fp`` or ``fn``."""

    article: str
    language: str
    slot: str
    verdict: str
    value: Any
    incident: str


@dataclass(slots=True)
class Tally:
    """True positives, false positives and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, verdict: str) -> None:
        """Count one verdict."""
        setattr(self, verdict, getattr(self, verdict) + 1)

    @property
    def precision(self) -> float:
        """tp / (tp + fp), 0 where nothing was claimed."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """tp / (tp + fn), 0 where nothing was there."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(slots=True)
class Score:
    """The figures of one evaluation."""

    slots: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    languages: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    incidents: Tally = field(default_factory=Tally)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        """All facts together."""
        tallies = self.slots.values()
        return Tally(sum(t.tp for t in tallies), sum(t.fp for t in tallies), sum(t.fn for t in tallies))


def load_gold(folder: Path) -> dict[str, dict[str, Any]]:
    """The annotations of a folder by article name.

    :raises DataError: if the folder holds none, or one is not JSON.
    """
    gold = {}
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise DataError(f"{path.name}: not JSON: {error}") from error
        if "id" in data:
            gold[path.stem] = data
    if not gold:
        raise DataError(f"no annotations in {folder}: expected one JSON file an article")
    return gold


def score(reports: Iterable[Report], gold: Mapping[str, dict[str, Any]]) -> Score:
    """Hold reports against the gold; an article without a report has claimed nothing."""
    by_stem = {report.article.stem: report for report in reports}
    result = Score()
    for name, annotation in gold.items():
        report = by_stem.get(name)
        got = claimed(report) if report else []
        want = expected(annotation)
        for left, right in _pairs(got, want):
            result.incidents.add("tp" if left and right else "fp" if left else "fn")
            for slot, verdict, value in _compare(left, right):
                language = annotation.get("language", "?")
                incident = (right or left or Side("", (), frozenset())).name
                result.slots[slot].add(verdict)
                result.languages[language].add(verdict)
                result.outcomes.append(Outcome(name, language, slot, verdict, value, incident))
    return result


def claimed(report: Report) -> list[Side]:
    """The incidents and facts of a report."""
    organisations = {o.key: o for o in report.organisations}
    sides = []
    for incident in report.incidents:
        claims = [c for c in report.claims if c.subject.owner == incident.key and c.subject.role != Role.ORGANISATION]
        victims = tuple(
            _names(organisations[c.value.key])
            for c in claims
            if c.predicate == CG["victim"] and isinstance(c.value, OrganisationRef)
        )
        facts = {fact for claim in claims for fact in fact_of(claim, organisations)}
        amounts = [c.value.lexical for c in claims if _is(c, Role.RANSOM, "amount") and isinstance(c.value, Literal)]
        money = [c.value.lexical for c in claims if _is(c, Role.RANSOM, "currency") and isinstance(c.value, Literal)]
        facts |= {("amount", (float(a), m)) for a, m in zip(amounts, money, strict=True)}
        sides.append(Side(incident.key, tuple(dict.fromkeys(victims)), frozenset(facts)))
    return sides


def _is(claim: Claim, role: Role, predicate: str) -> bool:
    return claim.subject.role is role and claim.predicate == CG[predicate]


def fact_of(claim: Claim, organisations: Mapping[str, Organisation]) -> Iterator[Fact]:
    """The facts, in the terms of the annotation, that a claim makes."""
    predicate = local_name(claim.predicate)
    value = claim.value
    if isinstance(value, OrganisationRef):
        slot = {"attributedTo": "actor", "performedBy": "responder", "responder": "responder"}.get(predicate)
        if slot:
            yield slot, _names(organisations[value.key])
    elif isinstance(value, Node):
        name = local_name(value.kind)
        if predicate == "impact" and name not in ("Impact", "DataCompromise"):
            yield "impact", name
        elif predicate == "response":
            yield "action", name
    elif isinstance(value, Literal):
        yield from _literal_fact(claim, predicate, value)
    elif claim.predicate == TYPE:
        yield "attack", local_name(value)
    elif predicate in ("ransomStatus", "dataStatus"):
        yield predicate.removesuffix("Status"), local_name(value).removeprefix("Ransom").removeprefix("Data")
    elif predicate == "careStatus" and value == CG["CareUnaffected"]:
        yield "impact", "CareUnaffected"
    elif predicate == "affectedSystem":
        yield "system", _SYSTEM_NAMES.get(local_name(value), local_name(value))


def _literal_fact(claim: Claim, predicate: str, value: Literal) -> Iterator[Fact]:
    if predicate == "startDate":
        yield "start", value.lexical
    elif predicate == "deadline":
        yield "deadline", value.lexical
    elif predicate == "recordCount":
        yield "records", float(value.lexical)
    elif claim.subject.role is Role.IMPACT and predicate in ("count", "amount"):
        yield "count", (local_name(claim.subject.kind), float(value.lexical))


def _names(organisation: Organisation) -> tuple[str, ...]:
    return (organisation.name, *organisation.aliases)


def expected(annotation: Mapping[str, Any]) -> list[Side]:
    """The incidents and facts of an annotation."""
    sides = []
    for incident in annotation["incidents"]:
        facts: set[Fact] = set()
        for slot, key in (("attack", "attack"), ("actor", "actors"), ("data", "data"), ("system", "systems"),
                          ("action", "actions"), ("responder", "responders")):  # fmt: skip
            facts |= {(slot, value) for value in incident.get(key) or ()}
        ransom = incident.get("ransom") or {}
        facts |= {("ransom", status) for status in ransom.get("status") or ()}
        if ransom.get("amount") is not None:
            facts.add(("amount", (float(ransom["amount"]), ransom.get("currency"))))
        if ransom.get("deadline"):
            facts.add(("deadline", ransom["deadline"]))
        if incident.get("start"):
            facts.add(("start", incident["start"]))
        if incident.get("records") is not None:
            facts.add(("records", float(incident["records"])))
        for impact in incident.get("impacts") or ():
            facts.add(("impact", impact["type"]))
            if impact.get("count") is not None:
                facts.add(("count", (impact["type"], float(impact["count"]))))
        victims = tuple((v["name"], *(v.get("aliases") or ())) for v in incident.get("victims") or ())
        sides.append(Side(incident["key"], victims, frozenset(facts)))
    return sides


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def same_name(left: str, right: str) -> bool:
    """Whether two names agree: equal, or the proper words of one among the other's."""
    a, b = _words(left), _words(right)
    if a == b:
        return True
    core_a, core_b = set(a.split()) - _GENERIC, set(b.split()) - _GENERIC
    return bool(core_a and core_b) and (core_a <= core_b or core_b <= core_a)


def _same_victim(left: Iterable[str], right: Iterable[str]) -> bool:
    return any(same_name(a, b) for a in left for b in right)


def _equal(slot: str, got: Any, want: Any) -> bool:
    if slot == "actor":
        return any(_words(label) == _words(want) for label in got)
    if slot == "responder":  # a fuller name than the annotated one is right, a vaguer one is not
        return any(set(_words(want).split()) <= set(_words(label).split()) for label in got)
    return bool(got == want)


def _pairs(got: list[Side], want: list[Side]) -> list[tuple[Side | None, Side | None]]:
    scored = []
    for i, g in enumerate(got):
        for j, w in enumerate(want):
            common = sum(any(_same_victim(a, b) for b in w.victims) for a in g.victims)
            if common or (not g.victims and not w.victims):
                shared = sum(any(s == t and _equal(s, x, y) for t, y in w.facts) for s, x in g.facts)
                scored.append((common, shared, -i, -j))
    pairs: list[tuple[Side | None, Side | None]] = []
    used_got, used_want = set(), set()
    for _, _, i, j in sorted(scored, reverse=True):
        if i not in used_got and j not in used_want:
            used_got.add(i)
            used_want.add(j)
            pairs.append((got[-i], want[-j]))
    pairs += [(side, None) for i, side in enumerate(got) if -i not in used_got]
    pairs += [(None, side) for j, side in enumerate(want) if -j not in used_want]
    return pairs


def _compare(got: Side | None, want: Side | None) -> Iterator[tuple[str, str, Any]]:
    yield from _compare_victims(got, want)
    got_facts, want_facts = list(got.facts) if got else [], list(want.facts) if want else []
    for slot, value in sorted(got_facts, key=repr):
        match = next((f for f in want_facts if f[0] == slot and _equal(slot, value, f[1])), None)
        if match is not None:
            want_facts.remove(match)
        yield slot, "tp" if match is not None else "fp", value
    for slot, value in want_facts:
        yield slot, "fn", value


def _compare_victims(got: Side | None, want: Side | None) -> Iterator[tuple[str, str, Any]]:
    left, right = list(got.victims) if got else [], list(want.victims) if want else []
    for victim in tuple(left):
        match = next((other for other in right if _same_victim(victim, other)), None)
        if match is not None:
            right.remove(match)
            left.remove(victim)
            yield "victim", "tp", match[0]
    for victim in left:  # several names for one victim that is already found are no second mistake
        if not (want and any(_same_victim(victim, other) for other in want.victims)):
            yield "victim", "fp", victim[0]
    for victim in right:
        yield "victim", "fn", victim[0]
