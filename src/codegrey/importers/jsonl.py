"""JSON Lines: one article a line, read one line at a time, so that a file may be of any size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from codegrey.importers.decode import decode
from codegrey.importers.document import too_large
from codegrey.importers.draft import Draft, finish, slug, with_metadata
from codegrey.importers.source import Guess, Source, left_out
from codegrey.model import Article, Finding
from codegrey.settings import Settings

BODY_KEYS = ("text", "body", "content")
LINE_HINT = 'each line is one JSON object: {"title": …, "text": …, "published": …, "url": …, "language": …}'


def read_jsonl(source: Source, *, settings: Settings, guess: Guess) -> Iterator[Article | Finding]:
    """The articles of a JSON Lines file; a line that is off is one finding, and the next line follows."""
    with source.open() as stream:
        empty = True
        for number, line in _lines(stream, settings.max_article_bytes):
            empty = False
            where = f"line {number}"
            if line is None:
                yield too_large(source.name, settings, where=where)
            else:
                yield from _article(line, number, source, guess)
    if empty:
        yield left_out("empty", "the file is empty", source.name)


def _lines(stream: BinaryIO, limit: int) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines that are not blank; None for one over the limit, which is never held in memory whole."""
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        if len(line) > limit and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(limit + 1)
            yield number, None
        elif line.strip(b" \t\r\n\xef\xbb\xbf\x00"):
            yield number, line


def _article(line: bytes, number: int, source: Source, guess: Guess) -> Iterator[Article | Finding]:
    where = f"line {number}"
    for text in decode(line, source.name):
        if isinstance(text, Finding):
            yield Finding(text.severity, text.code, text.message, text.source, where, text.hint)
            continue
        draft = parse_line(text)
        if isinstance(draft, str):
            yield left_out("json", draft, source.name, where=where, hint=LINE_HINT)
            continue
        found, identifier = draft
        stem = slug(identifier) or f"{source.stem}-{number}"
        yield from finish(found, source, guess=guess, stem=stem, where=where)


def parse_line(text: str) -> tuple[Draft, str] | str:
    """The draft of one line and the id that it gives itself; or, in words, why there is none."""
    try:
        loaded = json.loads(text)
    except RecursionError:
        return "JSON nested too deeply"
    except ValueError as error:
        return f"not JSON: {error}"
    if not isinstance(loaded, dict):
        return f"a JSON object was expected, not {type(loaded).__name__}"
    strings = {
        str(k).lower(): str(v) for k, v in loaded.items() if isinstance(v, str | int) and not isinstance(v, bool)
    }
    body = next((strings[key] for key in BODY_KEYS if strings.get(key)), "")
    if not body:
        return f"no text: none of the keys {', '.join(BODY_KEYS)} holds a string"
    return with_metadata(Draft(body), strings), strings.get("id", "")
