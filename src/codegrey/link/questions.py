"""Reconciliation queries of API 0.2 and 1.0 as one kind of question; a batch that is not of its API is refused.

What a query may look like: the JSON schemas of https://github.com/reconciliation-api/specs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST, USUAL = 100, 10  # candidates in one answer
IDENTIFIERS = ("wikidata", "ror", "finess")  # properties whose value is an identifier
_OLD = frozenset({"query", "type", "limit", "properties", "type_strict"})
_NEW = frozenset({"type", "limit", "conditions", "lang", "dir"})
_MATCHES = frozenset({"name", "id", "property"})


@dataclass(frozen=True, slots=True)
class Question:
    """One query, whichever API it came by."""

    text: str = ""
    ids: tuple[str, ...] = ()
    type: str = ""
    limit: int = USUAL
    city: str = ""
    country: str = ""


class NotThisApiError(ValueError):
    """A batch that the API does not allow; the message says which query and why."""


def parse_old(batch: Mapping[str, Any]) -> dict[str, Question]:
    """The queries of an API 0.2 batch, by their keys.

    :raises NotThisApiError: if one of them is no query of this API.
    """
    return {str(key): _old(str(key), query) for key, query in batch.items()}


def _old(key: str, query: Any) -> Question:
    if not isinstance(query, Mapping) or query.keys() - _OLD:
        raise NotThisApiError(f"{key}: a query is an object of {', '.join(sorted(_OLD))}")
    told = query.get("properties")
    if not isinstance(query.get("query"), str) and not (isinstance(told, list) and told):
        raise NotThisApiError(f"{key}: it needs a query or properties")
    properties = {}
    for one in told or ():
        if not isinstance(one, Mapping) or "pid" not in one or "v" not in one:
            raise NotThisApiError(f"{key}: a property is an object of pid and v")
        properties[str(one["pid"])] = one["v"]
    kind = query.get("type") or ""
    return _question(str(query.get("query") or ""), properties, _first(kind), query.get("limit"))


def parse_new(batch: Mapping[str, Any]) -> list[Question]:
    """The queries of an API 1.0 batch.

    :raises NotThisApiError: if it holds no list of queries, or one of them is no query of this API.
    """
    queries = batch.get("queries")
    if not isinstance(queries, list):
        raise NotThisApiError("it needs a list of queries")
    return [_new(number, query) for number, query in enumerate(queries)]


def _new(number: int, query: Any) -> Question:
    where = f"query {number}"
    if not isinstance(query, Mapping) or query.keys() - _NEW:
        raise NotThisApiError(f"{where}: a query is an object of {', '.join(sorted(_NEW))}")
    conditions = query.get("conditions")
    if not isinstance(conditions, list) or not conditions or not isinstance(query.get("type", ""), str):
        raise NotThisApiError(f"{where}: it needs conditions, and at most one type")
    text, properties = "", {}
    for condition in conditions:
        match = condition.get("matchType") if isinstance(condition, Mapping) else None
        if match not in _MATCHES or "propertyValue" not in condition:
            raise NotThisApiError(f"{where}: a condition has a matchType ({', '.join(_MATCHES)}) and a propertyValue")
        value = condition["propertyValue"]
        if match == "name":
            text = str(_first(value))
        else:
            properties["id" if match == "id" else str(condition.get("propertyId", ""))] = value
    return _question(text, properties, query.get("type", ""), query.get("limit"))


def _question(text: str, properties: Mapping[str, Any], kind: Any, limit: Any) -> Question:
    ids = [f"{name}:{_first(properties[name])}" for name in IDENTIFIERS if properties.get(name)]
    if properties.get("id"):
        ids.append(str(_first(properties["id"])))
    return Question(
        text=text,
        ids=tuple(ids),
        type=str(kind),
        limit=min(MOST, int(limit)) if isinstance(limit, int | float) and limit > 0 else USUAL,
        city=str(_first(properties.get("city", ""))),
        country=str(_first(properties.get("country", ""))),
    )


def _first(value: Any) -> Any:
    """A property's value as text: the first of several, an entity by its name or its id."""
    one = value[0] if isinstance(value, list) and value else value
    if isinstance(one, Mapping):
        return one.get("name") or one.get("id") or ""
    return "" if one is None or isinstance(one, list) else one
