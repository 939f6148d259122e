"""One organisation as one report names it, with its link to the registry."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegrey.link import Decision, Index, Key, Verdict, Verdicts, link
from codegrey.link.verdicts import SAME, outside, resolve
from codegrey.model import ArticleId, Organisation, OrganisationRef, Report
from codegrey.registry.places import fold
from codegrey.terms import Iri
from codegrey.vocab import CG

MentionKey = tuple[ArticleId, str]


@dataclass(frozen=True, slots=True)
class Named:
    """One organisation of one report, with its keys, its country by all the evidence, and its link."""

    key: MentionKey
    organisation: Organisation
    names: tuple[Key, ...]
    city: str
    country: str
    decision: Decision
    focus: bool
    same_as: frozenset[Iri] = frozenset()  # records outside the registry that a curator says it is


def named(report: Report, organisation: Organisation, index: Index, verdicts: Verdicts | None) -> Named:
    """A mention, linked: by its own words first, then with the country that its article is about as a hint."""
    decision = link(organisation, index, verdicts)
    country = organisation.country or index.registry.places.country_of(organisation.city)
    if decision.verdict is not Verdict.CERTAIN and not country:
        hint = _common_country(report)
        if hint:  # for linking only: it is no fact about the organisation
            second = link(_with_country(organisation, hint), index, verdicts)
            agreed = second.verdict is Verdict.CERTAIN or second.iri == decision.iri
            decision = second if agreed else replace(decision, verdict=Verdict.NONE, iri=None)
    spoken = (organisation.name, *organisation.aliases)
    judged = verdicts.about(spoken, organisation.city, organisation.country) if verdicts else ()
    same = (j.object_id for j in judged if not j.negative and j.predicate == SAME)
    outer = {outside(object_id) for object_id in same if not resolve(object_id, index.registry)}
    names = dict.fromkeys(index.parts.key(name) for name in spoken)
    return Named(
        key=(report.article.id, organisation.key),
        organisation=organisation,
        names=tuple(names),
        city=fold(organisation.city),
        country=country,
        decision=decision,
        focus=any(incident.focus for incident in report.incidents),
        same_as=frozenset(outer),
    )


def _common_country(report: Report) -> str:
    """The country that the article is about: that of the victims in focus, else of every organisation with one."""
    focus = {incident.key for incident in report.incidents if incident.focus}
    victims = {
        claim.value.key
        for claim in report.claims
        if claim.predicate == CG["victim"] and claim.subject.owner in focus and isinstance(claim.value, OrganisationRef)
    }
    placed = [organisation for organisation in report.organisations if organisation.country]
    hit = {organisation.country for organisation in placed if organisation.key in victims}
    countries = hit or {organisation.country for organisation in placed}
    return next(iter(countries)) if len(countries) == 1 else ""


def _with_country(organisation: Organisation, country: str) -> Organisation:
    return Organisation(
        organisation.key, organisation.name, organisation.kind, organisation.aliases, organisation.city, country
    )
