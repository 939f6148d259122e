"""Reading a source that is one article as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from codegrey.importers.decode import decode
from codegrey.importers.draft import Draft, finish
from codegrey.importers.source import Guess, Source, left_out
from codegrey.model import Article, Finding
from codegrey.settings import Settings

Parse: TypeAlias = Callable[[str, str], Iterator[Draft | Finding]]  # (text, name of the source) → findings, draft
Declared: TypeAlias = Callable[[bytes], str]


def read_document(
    source: Source, parse: Parse, *, settings: Settings, guess: Guess, declared: Declared = lambda _: ""
) -> Iterator[Article | Finding]:
    """Bytes → text → draft → article, with a size limit; a finding for each thing that is off."""
    with source.open() as stream:
        data = stream.read(settings.max_article_bytes + 1)
    if len(data) > settings.max_article_bytes:
        yield too_large(source.name, settings)
        return
    if not data.strip():
        yield left_out("empty", "the file is empty", source.name)
        return
    for text in decode(data, source.name, declared=declared(data)):
        if isinstance(text, Finding):
            yield text
            continue
        for draft in parse(text, source.name):
            if isinstance(draft, Finding):
                yield draft
            else:
                yield from finish(draft, source, guess=guess)


def too_large(name: str, settings: Settings, *, where: str = "") -> Finding:
    """The finding for an article over the size limit."""
    limit = f"{settings.max_article_bytes / 1_000_000:g} MB"
    hint = "one file is one article; put many articles into a .jsonl file, one a line"
    return left_out("too-large", f"larger than {limit}", name, where=where, hint=hint)
