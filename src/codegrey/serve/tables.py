"""SPARQL JSON results as cells, whole or only their beginning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from codegrey.serve.html import Cell

Row = dict[str, Cell]
_BINDINGS: Final = re.compile(r'"bindings"\s*:\s*\[')
_VARIABLES: Final = re.compile(r'"vars"\s*:\s*(\[[^\]]*\])')
_BETWEEN: Final = re.compile(r"[\s,]*")


def parse_table(body: bytes) -> tuple[tuple[str, ...], list[Row]]:
    """(names of the columns, rows) of a SPARQL JSON result; of one that is cut off, the rows that are whole."""
    text = body.decode("utf-8", "ignore")
    variables, bindings = _VARIABLES.search(text), _BINDINGS.search(text)
    names = tuple(str(name) for name in json.loads(variables.group(1))) if variables else ()
    rows: list[Row] = []
    position = bindings.end() if bindings else len(text)
    decoder = json.JSONDecoder()
    while text.startswith("{", position := _end(_BETWEEN, text, position)):
        try:
            binding, position = decoder.raw_decode(text, position)
        except ValueError:
            break
        rows.append({str(name): cell_of(term) for name, term in binding.items()})
    return names, rows


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def parse_boolean(body: bytes) -> bool:
    """The answer of an ASK query."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("boolean") is True


def cell_of(term: Mapping[str, str]) -> Cell:
    """One term of a binding."""
    kind, value = term.get("type", ""), str(term.get("value", ""))
    if kind == "uri":
        return Cell("iri", value)
    if kind == "bnode":
        return Cell("blank", value)
    return Cell("literal", value, str(term.get("xml:lang", "")), str(term.get("datatype", "")))
