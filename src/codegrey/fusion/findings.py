"""What fusion decided that a person may want to look at."""

from __future__ import annotations

from collections.abc import Iterable

from codegrey.model import Finding, Incident, Severity
from codegrey.terms import Literal, Term
from codegrey.vocab import local_name


def findings_of(incidents: Iterable[Incident]) -> tuple[Finding, ...]:
    """A finding for every claim that lost to a rival, with the words that it rests on."""
    return tuple(
        Finding(
            severity=Severity.INFO,
            code="fusion/disputed",
            message=f"{local_name(claim.predicate)} {_shown(claim.object)} is disputed: {claim.reason}",
            source=incident.iri,
            where=claim.article,
            quote=claim.evidence.exact,
        )
        for incident in incidents
        for claim in incident.claims
        if claim.disputed
    )


def _shown(term: Term) -> str:
    return term.lexical if isinstance(term, Literal) else term
