"""The JSON object in what a model wrote, wherever it stands: alone, in a fence, between paragraphs of talk."""

from __future__ import annotations

import json
from typing import Any

KEY = "incidents"
_TRIES = 200  # opening braces that are tried


def find_object(content: str) -> dict[str, Any] | None:
    """The last whole JSON object that has a list of incidents; None if there is none.

    The last one, because models that think aloud write drafts first.
    """
    decoder = json.JSONDecoder(parse_constant=_refuse)
    found, at = None, content.find("{")
    for _ in range(_TRIES):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(content, at)
        except (ValueError, RecursionError):
            value, end = None, at + 1
        if isinstance(value, dict) and isinstance(value.get(KEY), list):
            found = value
        at = content.find("{", end)
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
