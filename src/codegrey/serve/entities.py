"""Linked data: every resource of the dataset has an address here, and documents in each format.

``/id/incident/x`` → 303 → ``/id/incident/x.html``, ``.ttl``, ``.jsonld``, ``.nt``, ``.rdf`` (Cool URIs for the Semantic
Web, section 4.2).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from codegrey.serve.formats import NAMES, Format
from codegrey.serve.http import Request, Response
from codegrey.serve.negotiate import best, offers, wants_html
from codegrey.serve.problems import ProblemError, not_acceptable, not_found
from codegrey.serve.protocol import Operation

PREFIX: Final = "/id/"
_SUFFIXES: Final = ("ttl", "jsonld", "nt", "rdf", "trig", "nq")
_SUFFIX: Final = re.compile(rf"\.(html|{'|'.join(_SUFFIXES)})$")
_UNSAFE: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_OFFERS: Final = offers(tuple(NAMES[name] for name in _SUFFIXES))


def split(path: str) -> tuple[str, str]:
    """(path of the resource, suffix or ``""``) of a path below ``/id/``."""
    found = _SUFFIX.search(path)
    return (path[: found.start()], found.group(1)) if found else (path, "")


def iri_of(base: str, path: str) -> str:
    """The IRI of a resource.

    :raises ProblemError: 404 if the path cannot be part of an IRI.
    """
    if not path or _UNSAFE.search(path):
        raise ProblemError(not_found("No resource has such an address."))
    return base + path


def negotiated_suffix(request: Request) -> str:
    """The suffix of the document that fits the request.

    :raises ProblemError: 406.
    """
    if wants_html(request.accept):
        return "html"
    found: Format | None = best((*_OFFERS, ("text/html", NAMES["ttl"], False)), request.accept)
    if found is None:
        raise ProblemError(not_acceptable(rdf=True))
    return found.name


def see_other(path: str, suffix: str) -> Response:
    """303 to a document."""
    location = PREFIX + quote(path, safe="/:@!$&'()*+,;=-._~") + "." + suffix
    return Response(303, "", note=(("to", suffix),)).with_headers(("location", location), ("vary", "Accept"))


def mention(iri: str) -> str:
    """The graph pattern that a resource of the dataset satisfies."""
    return f"{{ <{iri}> ?p ?o }} UNION {{ ?s ?p <{iri}> }}"


def document(iri: str, format_name: str) -> Operation:
    """The operation that gives the data of a resource: what it says, what points at it, the nodes below it."""
    query = f"""CONSTRUCT {{ <{iri}> ?p ?o . ?s ?q <{iri}> . ?node ?r ?value }}
WHERE {{
  {{ <{iri}> ?p ?o }}
  UNION {{ ?s ?q <{iri}> }}
  UNION {{ <{iri}> ?link ?node . FILTER(ISIRI(?node) && STRSTARTS(STR(?node), "{iri}/")) ?node ?r ?value }}
}}"""
    return Operation(query, None, None, "", format_name)
