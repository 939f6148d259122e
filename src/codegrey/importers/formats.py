"""The formats that can be read: one table, and how a nameless stream is told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codegrey.importers.html import read_html
from codegrey.importers.jsonl import read_jsonl
from codegrey.importers.markdown import read_markdown
from codegrey.importers.plain import read_plain
from codegrey.importers.source import Reader


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, the file suffixes that mean it, and its reader."""

    name: str
    suffixes: tuple[str, ...]
    read: Reader


PLAIN = Format("text", (".txt", ".text"), read_plain)
MARKDOWN = Format("markdown", (".md", ".markdown"), read_markdown)
HTML = Format("html", (".html", ".htm", ".xhtml"), read_html)
JSONL = Format("jsonl", (".jsonl", ".ndjson"), read_jsonl)

FORMATS: tuple[Format, ...] = (PLAIN, MARKDOWN, HTML, JSONL)
SUFFIXES: dict[str, Format] = {suffix: one for one in FORMATS for suffix in one.suffixes}

SNIFF_BYTES = 1_024
_OPENINGS: tuple[tuple[re.Pattern[bytes], Format], ...] = (
    (re.compile(rb'\s*\{\s*"'), JSONL),
    (re.compile(rb"\s*---[ \t]*\r?\n"), MARKDOWN),
    (re.compile(rb"\s*# "), MARKDOWN),
    (re.compile(rb"\s*<(?:!doctype\s+html|html|\?xml|head|body|!--)", re.IGNORECASE), HTML),
)


def sniff(head: bytes) -> Format:
    """The format of a stream without a name, by its first bytes; plain text when nothing speaks against it."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    return next((found for opening, found in _OPENINGS if opening.match(head)), PLAIN)
