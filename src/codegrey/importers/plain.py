"""Plain text. A short first line that stands alone is the title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegrey.importers.document import read_document
from codegrey.importers.draft import Draft
from codegrey.importers.normalise import normalise
from codegrey.importers.source import Guess, Source
from codegrey.model import Article, Finding
from codegrey.settings import Settings

TITLE_LENGTH = 160
_TITLE = re.compile(r"(?P<title>[^\n]+)\n\n(?=[^\n])")
_NO_TITLE_END = (".", ":", ";", ",", "…")


def read_plain(source: Source, *, settings: Settings, guess: Guess) -> Iterator[Article | Finding]:
    """The one article of a text file."""
    yield from read_document(source, parse_plain, settings=settings, guess=guess)


def parse_plain(text: str, name: str) -> Iterator[Draft | Finding]:  # noqa: ARG001 - the shape of every parser
    """A draft whose title is the first line, if it looks like one."""
    body = normalise(text)
    match = _TITLE.match(body)
    found = match["title"] if match else ""
    is_title = len(found) <= TITLE_LENGTH and not found.endswith(_NO_TITLE_END)
    yield Draft(body, title=found if is_title else "")
