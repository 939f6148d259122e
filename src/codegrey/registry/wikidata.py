"""Wikidata's hospitals by its SPARQL service: page by page, politely, and from where it stopped.

Every page is kept in a folder as it came. A run that fails halfway raises; the next one reads the pages that are there
and asks for the rest. Nothing here is called unless a user asks for an update.
Protocol: https://www.w3.org/TR/sparql11-protocol/; results: https://www.w3.org/TR/sparql11-results-json/.
"""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegrey.errors import DataError, ServiceError, UsageError
from codegrey.registry.register import Row
from codegrey.resources import resource

SERVICE = "https://query.wikidata.org/sparql"
AGENT = "codegrey (https://w3id.org/codegrey; registry update)"
_POINT = re.compile(r"Point\(([-0-9.eE]+) ([-0-9.eE]+)\)", re.IGNORECASE)
_TRANSIENT = frozenset({429, 500, 502, 503, 504})

Ask = Callable[[str], bytes]  # a SPARQL query → the results as JSON


@dataclass(frozen=True, slots=True)
class Manners:
    """How to ask: rows a page, seconds between pages, tries for one page, seconds to wait for an answer."""

    page: int = 2000
    pause: float = 1.0
    tries: int = 4
    patience: float = 120.0


def read_wikidata(ask: Ask, pages: Path, *, manners: Manners | None = None) -> Iterator[Row]:
    """The hospitals that a service knows; its pages stay in the folder ``pages``.

    :raises ServiceError: if a page cannot be had; the pages that are there stay, and the next run goes on after them.
    """
    chosen = manners or Manners()
    query = resource("ontology", "registry", "wikidata.rq").read_text(encoding="utf-8")
    pages.mkdir(parents=True, exist_ok=True)
    for number in range(1_000_000):
        path = pages / f"page-{number:05}.json"
        if not path.exists():
            text = query.replace("{limit}", str(chosen.page)).replace("{offset}", str(number * chosen.page))
            _keep(path, ask(text))
        rows = _bindings(path)
        yield from map(_row, rows)
        if len(rows) < chosen.page:
            return


def _keep(path: Path, content: bytes) -> None:
    aside = path.with_suffix(".part")
    aside.write_bytes(content)
    aside.replace(path)


def _bindings(path: Path) -> list[Mapping[str, Any]]:
    """The rows of one page; a page that is no SPARQL result is thrown away, so that it is asked for again.

    :raises ServiceError: if it is none.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["results"]["bindings"]
    except (ValueError, KeyError, TypeError) as error:
        path.unlink()
        raise ServiceError(f"{path.name}: the service did not answer with SPARQL results; run it again") from error
    return list(rows)


def read_results(path: Path) -> Iterator[Row]:
    """The rows of a file that the query service gave: SPARQL results, or its plain list of objects.

    :raises DataError: if it is neither.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        rows = told["results"]["bindings"] if isinstance(told, dict) else [_flat(one) for one in told]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name}: neither SPARQL results in JSON nor a list of objects") from error
    yield from map(_row, rows)


def _flat(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: {"value": value} for name, value in record.items()}


def _row(binding: Mapping[str, Any]) -> Row:
    cell = {name: str(value.get("value", "")) for name, value in binding.items()}
    names = dict.fromkeys(cell.get(name, "") for name in ("labelOwn", "labelFr", "labelEn", "itemLabel"))
    labels = [name for name in names if name]
    point = _POINT.search(cell.get("point", ""))
    identifiers = [f"wikidata:{cell.get('item', '').rsplit('/', 1)[-1]}"]
    identifiers += [f"{scheme}:{cell[scheme]}" for scheme in ("ror", "finess") if cell.get(scheme)]
    others = [alias for alias in cell.get("aliases", "").split("|") if alias]
    return Row(
        identifiers=tuple(identifiers),
        name=labels[0] if labels else "",
        aliases=tuple(dict.fromkeys([*labels[1:], *others])),
        country=cell.get("country", ""),
        city=cell.get("city", ""),
        latitude=point[2] if point else "",
        longitude=point[1] if point else "",
        website=cell.get("website", ""),
    )


def asker(
    service: str = SERVICE, *, manners: Manners | None = None, sleep: Callable[[float], None] = time.sleep
) -> Ask:
    """A client of a SPARQL service that waits between questions and tries again when it is told to wait.

    :raises UsageError: if the address is not one of http or https.
    """
    if not service.startswith(("https://", "http://")):
        raise UsageError(f"{service!r} is no address of a SPARQL service")
    chosen = manners or Manners()
    asked = False

    def ask(query: str) -> bytes:
        nonlocal asked
        if asked:
            sleep(chosen.pause)
        asked = True
        for attempt in range(chosen.tries):
            try:
                return _post(service, query, chosen.patience)
            except urllib.error.HTTPError as error:
                if error.code not in _TRANSIENT or attempt + 1 == chosen.tries:
                    raise ServiceError(f"{service} answered {error.code}; run it again to go on") from error
                sleep(_wait(error.headers.get("Retry-After"), attempt))
            except OSError as error:
                if attempt + 1 == chosen.tries:
                    raise ServiceError(f"{service} cannot be reached ({error}); run it again to go on") from error
                sleep(_wait(None, attempt))
        raise ServiceError(f"{service} did not answer; run it again to go on")

    return ask


def _post(service: str, query: str, patience: float) -> bytes:
    body = urllib.parse.urlencode({"query": query}).encode()
    headers = {"Accept": "application/sparql-results+json", "User-Agent": AGENT}
    request = urllib.request.Request(service, data=body, headers=headers)  # noqa: S310 -- the scheme was looked at
    with urllib.request.urlopen(request, timeout=patience) as response:  # noqa: S310 -- the scheme was looked at
        return bytes(response.read())


def _wait(told: str | None, attempt: int) -> float:
    return min(float(told), 120.0) if told and told.isdigit() else 2.0**attempt
