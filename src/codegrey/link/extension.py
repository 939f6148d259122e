"""Data extension: the values of properties for entries that were reconciled, as API 0.2 and 1.0 give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codegrey.link.questions import IDENTIFIERS
from codegrey.link.reconcile import INCIDENT, Incidence, Json, Property, Reconciler
from codegrey.registry import Entry

PROPERTIES = (
    Property("wikidata", "Wikidata id"),
    Property("ror", "ROR id"),
    Property("finess", "FINESS site number"),
    Property("city", "City"),
    Property("country", "Country code"),
    Property("website", "Website"),
    Property("incidentCount", "Number of incidents"),
    Property("lastIncident", "Last incident"),
    Property("lastIncidentDate", "Date of the last incident"),
    Property("victim", "Victim"),
    Property("startDate", "Start date"),
)


def values(entry: Entry, name: str, known: Reconciler) -> list[Json]:
    """The values of one property of one entry, as API values."""
    incidence = known.incidence.get(entry.iri, Incidence())
    if name in IDENTIFIERS:
        return [{"str": i.split(":", 1)[1]} for i in entry.identifiers if i.startswith(f"{name}:")]
    if name == "incidentCount":
        return [{"int": incidence.count}]
    if name == "lastIncident" and incidence.last:
        return [{"id": known.short(incidence.last), "name": incidence.last_name}]
    texts = {
        "city": entry.city,
        "country": entry.country,
        "website": entry.website,
        "lastIncidentDate": incidence.last_date if incidence.count else "",
        "startDate": "" if incidence.count else incidence.last_date,
        "victim": incidence.victim,
    }
    return [{"str": texts[name]}] if texts.get(name) else []


def extend(
    ids: Sequence[str], names: Sequence[str], known: Reconciler
) -> list[tuple[str, list[tuple[str, list[Json]]]]]:
    """(id, [(property, values)]) for every id, empty for what is not known."""
    rows = []
    for identifier in ids:
        entry = known.entry(identifier)
        rows.append((identifier, [(name, values(entry, name, known) if entry else []) for name in names]))
    return rows


def extend_old(query: Mapping[str, Any], known: Reconciler) -> Json:
    """A data extension answer of API 0.2.

    :raises ValueError: if ids or properties are no lists.
    """
    ids, names = _extension(query)
    rows = {key: dict(row) for key, row in extend(ids, names, known)}
    return {"meta": _meta(names), "rows": rows}


def extend_new(query: Mapping[str, Any], known: Reconciler) -> Json:
    """A data extension answer of API 1.0.

    :raises ValueError: if ids or properties are no lists.
    """
    ids, names = _extension(query)
    rows = [
        {"id": key, "properties": [{"id": name, "values": found} for name, found in row]}
        for key, row in extend(ids, names, known)
    ]
    return {"meta": _meta(names), "rows": rows}


def _extension(query: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    ids, properties = query.get("ids"), query.get("properties")
    if not isinstance(ids, list) or not isinstance(properties, list):
        raise ValueError("no lists of ids and properties")
    names = [str(p.get("id", "")) for p in properties if isinstance(p, Mapping)]
    return [str(identifier) for identifier in ids], names


def _meta(names: Sequence[str]) -> list[Json]:
    named = {prop.id: prop.name for prop in PROPERTIES}
    return [{"id": name, "name": named.get(name, name)} for name in names]


def propose(kind: str, *, limit: int = 0) -> Json:
    """The properties that can be fetched for a type."""
    incident = ("victim", "startDate")
    chosen = [p for p in PROPERTIES if (p.id in incident) == (kind == INCIDENT)]
    return {
        "type": kind,
        "properties": [{"id": p.id, "name": p.name} for p in (chosen[:limit] if limit else chosen)],
    }
