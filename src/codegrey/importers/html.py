"""Web pages. trafilatura finds the article among menus, teasers and comments, and reads its metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import Document
from trafilatura.utils import load_html

from codegrey.importers.document import Parse, read_document
from codegrey.importers.draft import Draft
from codegrey.importers.source import Guess, Source, left_out
from codegrey.model import Article, Finding
from codegrey.settings import Settings

HEAD_BYTES = 4_096
# Only dates that the page states as its own, and none that depends on the day of reading (max_date would be today).
DATES: dict[str, Any] = {"extensive_search": False, "original_date": True, "max_date": "2100-01-01"}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)


def read_html(source: Source, *, settings: Settings, guess: Guess) -> Iterator[Article | Finding]:
    """The one article of a web page."""
    yield from read_document(source, _parser(guess), settings=settings, guess=guess, declared=declared_charset)


def declared_charset(data: bytes) -> str:
    """The encoding that the head of a page names, or ``""``."""
    match = _CHARSET.search(data, 0, HEAD_BYTES)
    return match[1].decode("ascii") if match else ""


def _parser(guess: Guess) -> Parse:
    def parse(text: str, name: str) -> Iterator[Draft | Finding]:
        page = extract(text)
        if page is None or not page.text:
            hint = "save the article's own page, not a list of articles or an empty frame"
            yield left_out("no-article", "no article text found in the page", name, hint=hint)
            return
        # Templates often name one language for every page, so the text itself is asked first.
        language = guess(page.text) or page.language or ""
        publisher = page.sitename or page.hostname or ""
        yield Draft(page.text, page.title or "", page.date or "", language, page.url or "", publisher)

    return parse


def extract(page: str) -> Document | None:
    """What trafilatura makes of a page; None when it is no page or holds no article."""
    try:
        tree = load_html(page)
        if tree is None:
            return None
        language = str(tree.get("lang") or "")
        found = bare_extraction(
            tree, include_comments=False, include_tables=True, with_metadata=True, date_extraction_params=DATES
        )
    except (etree.LxmlError, ValueError, TypeError, RecursionError):
        return None
    if not isinstance(found, Document):
        return None
    found.language = language
    return found
