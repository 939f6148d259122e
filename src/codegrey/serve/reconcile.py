"""The reconciliation service: OpenRefine and friends match their names to this dataset's nodes.

    /reconcile       API 0.2        manifest, queries, extend, suggest/…, preview, properties
    /reconcile/v1    API 1.0 draft  manifest, match, extend, extend/propose, suggest/…, preview

What it knows is read from the store once a version; answers are made by :mod:`codegrey.link.reconcile`.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final, TypeVar

from codegrey.link import extension
from codegrey.link import reconcile as answers
from codegrey.link.extension import PROPERTIES
from codegrey.link.questions import parse_new, parse_old
from codegrey.link.reconcile import Incidence, Reconciler, Type, make_reconciler
from codegrey.ontology import Ontology, load_ontology
from codegrey.registry import Entry, load_registry
from codegrey.serve import ask
from codegrey.serve.context import Context, once
from codegrey.serve.endpoint import query_problem
from codegrey.serve.http import BodyTooLargeError, FormError, Request, Response, decode_form
from codegrey.serve.problems import ProblemError, bad_request, method_not_allowed, not_found, too_large
from codegrey.serve.serving import Serving
from codegrey.serve.ticket import TaskError
from codegrey.terms import Iri, Literal
from codegrey.vocab import CG, DCTERMS, LABEL, OWL, SCHEMA, SKOS, TYPE

PREFIX: Final = "/reconcile"
NEW: Final = "/v1"
METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
BODY: Final = 4 * 1024 * 1024
BATCH: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"
_KINDS: Final = (
    ("Hospital", "Hospital", "Hospital"),
    ("HealthcareGroup", "Healthcare group", "HospitalGroup"),
    ("Incident", "Cyber incident", "Incident"),
    ("Responder", "Responder", "Responder"),
)
_ABOUT: Final = (TYPE, LABEL, SKOS["altLabel"], OWL["sameAs"], CG["countryCode"], CG["location"], CG["website"])
_MORE: Final = (
    SCHEMA["alternateName"],
    DCTERMS["identifier"],
    SCHEMA["addressLocality"],
    CG["startDate"],
    CG["victim"],
)
_SAME: Final = {"http://www.wikidata.org/entity/": "wikidata:", "https://ror.org/": "ror:"}

Told = dict[Iri, list[str]]
_T = TypeVar("_T")


class Reconcile:
    """Handles every address below ``/reconcile``."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def handle(self, request: Request) -> Response:
        """One request of either API. :raises ProblemError:"""
        if request.method not in ("GET", "HEAD", "POST"):
            raise ProblemError(method_not_allowed(METHODS))
        serving = self._context.serving()
        try:
            known = await once(serving, "reconciler", lambda: load_reconciler(serving))
        except TaskError as error:
            raise ProblemError(query_problem(error, "", self._context.settings)) from None
        path = request.path.removeprefix(PREFIX).rstrip("/")
        new = path == NEW or path.startswith(f"{NEW}/")
        address = path.removeprefix(NEW) if new else path
        fields = await self._fields(request)
        if address == "/preview":
            return _preview(fields.get("id", ""), known)
        origin = self._context.origin(request) + PREFIX + (NEW if new else "")
        document = _new(address, fields, known, origin) if new else _old(address, fields, known, origin)
        return _json(document, fields.get("callback", ""))

    async def _fields(self, request: Request) -> dict[str, str]:
        """The fields of the query string and of a form, or the body of a JSON request under ``""``."""
        try:
            fields = dict(request.parameters)
            if request.method == "POST":
                body = await request.body(BODY)
                if request.header("content-type").startswith(_FORM):
                    fields |= dict(decode_form(body))
                else:
                    fields[""] = body.decode("utf-8")
        except BodyTooLargeError:
            raise ProblemError(too_large(BODY)) from None
        except (FormError, UnicodeDecodeError) as error:
            raise ProblemError(bad_request("encoding", "The request is not UTF-8.", str(error))) from None
        return fields


def _old(address: str, fields: Mapping[str, str], known: Reconciler, origin: str) -> answers.Json:
    if address == "" and "extend" in fields:
        return _checked(lambda: extension.extend_old(_object(fields["extend"]), known))
    if address == "" and "queries" in fields:
        queries = _limited(_object(fields["queries"]))
        batch = _checked(lambda: parse_old(queries))
        return {key: answers.answer_old(question, known) for key, question in batch.items()}
    if address == "":
        return manifest_old(known, origin)
    if address == "/properties":
        return extension.propose(fields.get("type", ""), limit=_whole(fields.get("limit", "")))
    return _suggest(address, fields, known)


def _new(address: str, fields: Mapping[str, str], known: Reconciler, origin: str) -> answers.Json:
    if address in ("", "/match") and fields.get(""):
        batch = _object(fields[""])
        questions = _checked(lambda: parse_new(batch))
        if len(questions) > BATCH:
            raise ProblemError(bad_request("batch", f"At most {BATCH} queries in one request."))
        return {"results": [answers.answer_new(question, known) for question in questions]}
    if address == "":
        return manifest_new(known, origin)
    if address == "/extend" and fields.get(""):
        return _checked(lambda: extension.extend_new(_object(fields[""]), known))
    if address == "/extend/propose":
        return extension.propose(fields.get("type", ""), limit=_whole(fields.get("limit", "")))
    return _suggest(address, fields, known)


def _suggest(address: str, fields: Mapping[str, str], known: Reconciler) -> answers.Json:
    prefix = fields.get("prefix", "")
    if address == "/suggest/entity":
        return answers.suggest_entities(prefix, known)
    if address == "/suggest/type":
        return answers.suggest_from(prefix, known.types)
    if address == "/suggest/property":
        return answers.suggest_from(prefix, PROPERTIES)
    raise ProblemError(not_found(f"The reconciliation service has nothing at {address or '/'} for this request."))


def manifest_old(known: Reconciler, origin: str) -> answers.Json:
    """The manifest of API 0.2."""
    suggest = {
        name: {"service_url": origin, "service_path": f"/suggest/{name}"} for name in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        "name": "codegrey",
        "identifierSpace": known.base,
        "schemaSpace": str(CG),
        "view": {"url": known.base + "{{id}}"},
        "defaultTypes": [{"id": kind.id, "name": kind.name} for kind in known.types],
        "preview": {"url": origin + "/preview?id={{id}}", "width": 400, "height": 140},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": origin, "service_path": "/properties"},
            "property_settings": [],
        },
    }


def manifest_new(known: Reconciler, origin: str) -> answers.Json:
    """The manifest of API 1.0."""
    return {
        "versions": ["1.0-draft"],
        "name": "codegrey",
        "lang": "en",
        "documentation": origin.removesuffix(PREFIX + NEW),
        "view": {"url": known.base + "{id}"},
        "defaultTypes": [{"id": kind.id, "name": kind.name} for kind in known.types],
        "preview": {"width": 400, "height": 140},
        "suggest": {"entity": True, "property": True, "type": True},
        "extend": {"proposeProperties": True, "propertySettings": []},
    }


def _preview(identifier: str, known: Reconciler) -> Response:
    entry = known.entry(identifier)
    if entry is None:
        raise ProblemError(not_found(f"There is no {identifier!r} here."))
    incidence = known.incidence.get(entry.iri, Incidence())
    kinds = ", ".join(kind["name"] for kind in known.types_of(entry))
    place = ", ".join(filter(None, (entry.city, entry.country)))
    last = f"{incidence.count} incident(s), the last: {incidence.last_name}" if incidence.count else ""
    lines = "".join(f"<p>{escape(line)}</p>" for line in (kinds, place, last, ", ".join(entry.identifiers)) if line)
    card = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(entry.name)}</title>'
    body = f'{card}<body style="font: 14px sans-serif; margin: 8px"><h1 style="font-size: 16px; margin: 0">'
    return Response(200, "text/html; charset=utf-8", f"{body}{escape(entry.name)}</h1>{lines}</body></html>".encode())


def _json(document: answers.Json, callback: str) -> Response:
    text = json.dumps(document, ensure_ascii=False)
    if callback.isidentifier() and callback.isascii():
        return Response(200, "text/javascript; charset=utf-8", f"{callback}({text});".encode())
    return Response(200, "application/json; charset=utf-8", text.encode())


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ProblemError(bad_request("json", "The queries are not JSON.", str(error))) from None
    if not isinstance(found, dict):
        raise ProblemError(bad_request("json", "The queries are not a JSON object."))
    return found


def _limited(batch: dict[str, Any]) -> dict[str, Any]:
    if len(batch) > BATCH:
        raise ProblemError(bad_request("batch", f"At most {BATCH} queries in one request."))
    return batch


def _checked(make: Callable[[], _T]) -> _T:
    try:
        return make()
    except ValueError as error:
        raise ProblemError(bad_request("query", "The request is not of this API.", str(error))) from None


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 0


async def load_reconciler(serving: Serving) -> Reconciler:
    """Read organisations and incidents of a version and index them.

    :raises TaskError: if the store does not answer.
    """
    base = serving.dataset.base
    about: dict[Iri, Told] = defaultdict(lambda: defaultdict(list))
    wanted = " ".join(f"<{predicate}>" for predicate in (*_ABOUT, *_MORE))
    for name, start in (("registry", "organisation/"), ("incidents", "incident/")):
        query = (
            f"SELECT ?s ?p ?o {{ VALUES ?p {{ {wanted} }} GRAPH <{base}graph/{name}> {{ ?s ?p ?o }} "
            f"FILTER(STRSTARTS(STR(?s), '{base}{start}')) }}"
        )
        for row in await ask.rows(serving.pool, query):
            if {"s", "p", "o"} <= row.keys():
                about[Iri(row["s"].value)][Iri(row["p"].value)].append(row["o"].value)
    return await asyncio.to_thread(_reconciler, dict(about), base)


def _reconciler(about: Mapping[Iri, Told], base: str) -> Reconciler:
    places = load_registry(base=base).places
    cities = {f"{base}place/{slug}": place.name for slug, place in places.by_slug.items() if place.kind == "city"}
    nodes = {iri: told for iri, told in about.items() if told.get(TYPE) and told.get(LABEL)}
    entries = [_entry(iri, told, cities) for iri, told in sorted(nodes.items())]
    return make_reconciler(
        entries, base=base, types=_types(load_ontology()), incidence=_incidence(nodes), places=places
    )


def _types(ontology: Ontology) -> list[Type]:
    return [Type(id_, name, frozenset({CG[cls], *ontology.subclasses(CG[cls])})) for id_, name, cls in _KINDS]


def _entry(iri: Iri, told: Told, cities: Mapping[str, str]) -> Entry:
    same = [scheme + iri_.removeprefix(start) for iri_ in told.get(OWL["sameAs"], ()) for start, scheme in _SAME.items()
            if iri_.startswith(start)]  # fmt: skip
    located = [cities[place] for place in told.get(CG["location"], ()) if place in cities]
    return Entry(
        iri=iri,
        kinds=tuple(sorted(Iri(kind) for kind in told.get(TYPE, ()))),
        labels=tuple(Literal(name) for name in sorted(told.get(LABEL, ()))),
        aliases=tuple(Literal(name) for name in sorted(told.get(SKOS["altLabel"], ()))),
        abbreviations=tuple(sorted(told.get(SCHEMA["alternateName"], ()))),
        country=next(iter(told.get(CG["countryCode"], ())), ""),
        city=next(iter([*located, *told.get(SCHEMA["addressLocality"], ())]), ""),
        same_as=tuple(Iri(other) for other in sorted(told.get(OWL["sameAs"], ()))),
        identifiers=tuple(sorted({*told.get(DCTERMS["identifier"], ()), *same})),
        website=next(iter(told.get(CG["website"], ())), ""),
    )


def _incidence(about: Mapping[Iri, Told]) -> dict[Iri, Incidence]:
    """Per organisation its incidents counted and the last one; per incident its victim and start."""
    suffered: dict[Iri, list[tuple[str, Iri]]] = defaultdict(list)
    names = {iri: told[LABEL][0] for iri, told in about.items()}
    found: dict[Iri, Incidence] = {}
    for iri, told in about.items():
        start = max(told.get(CG["startDate"], ()), default="")
        victims = [Iri(victim) for victim in told.get(CG["victim"], ())]
        for victim in victims:
            suffered[victim].append((start, iri))
        if victims:
            shown = ", ".join(sorted(names.get(victim, "") for victim in victims))
            found[iri] = Incidence(last_date=start, victim=shown)
    for victim, incidents in suffered.items():
        start, last = max(incidents)
        found[victim] = Incidence(len(incidents), last, names.get(last, ""), start)
    return found
