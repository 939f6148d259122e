"""Markdown (CommonMark and tables) with front matter, rendered to plain text.

markdown-it-py does the parsing; what is left here is what each node reads like: headings, items and table rows are
lines of their own, links are their text, images and raw HTML tags are nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import yaml
from lxml import etree, html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from codegrey.importers.document import read_document
from codegrey.importers.draft import NAME_HINT, Draft, with_metadata
from codegrey.importers.normalise import one_line
from codegrey.importers.source import Guess, Source, kept
from codegrey.model import Article, Finding
from codegrey.settings import Settings

NULLS = frozenset(["", "~", "null", "Null", "NULL"])  # YAML 1.2, section 10.3.2
MAX_FRONT_MATTER = 65_536  # characters
_FRONT_MATTER = re.compile(r"\ufeff?\s*---[ \t]*\n(?P<yaml>.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LINE_TAG = re.compile(r"<\s*(?:br|p|div|li|tr|h[1-6])\b", re.IGNORECASE)


def read_markdown(source: Source, *, settings: Settings, guess: Guess) -> Iterator[Article | Finding]:
    """The one article of a Markdown file."""
    yield from read_document(source, parse_markdown, settings=settings, guess=guess)


def parse_markdown(text: str, name: str) -> Iterator[Draft | Finding]:
    """A draft from the front matter and the rendered body; the first heading of level 1 is a title for want of one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = _FRONT_MATTER.match(text)
    metadata: Mapping[str, str] = {}
    if match:
        text = text[match.end() :]
        found = front_matter(match["yaml"])
        if found is None:
            yield kept("front-matter", "front matter is not readable YAML; ignored", name, hint=NAME_HINT)
        else:
            metadata = found
    tokens = _parser().parse(text)
    yield with_metadata(Draft(render(tokens), title=_first_heading(tokens)), metadata)


def front_matter(block: str) -> Mapping[str, str] | None:
    """The scalar entries of a YAML block, keys in lower case; None if it is no YAML mapping.

    Every scalar stays the string that it is written as (``published: 2022-09``), so no value can fail to convert.
    """
    try:
        loaded = yaml.load(block[:MAX_FRONT_MATTER], Loader=yaml.BaseLoader)  # noqa: S506 - strings, lists, dicts only
    except (yaml.YAMLError, RecursionError):
        return None
    if not isinstance(loaded, dict):
        return {} if not loaded else None
    return {str(key).lower(): value for key, value in loaded.items() if isinstance(value, str) and value not in NULLS}


def render(tokens: Sequence[Token]) -> str:
    """Plain text of a parsed document: blank lines between blocks, one line per item, row or line."""
    blocks = Blocks()
    for token in tokens:
        _EFFECTS.get(token.type, _nothing)(blocks, token)
    return blocks.text()


class Blocks:
    """The text so far. Inside lists and tables one line break parts two blocks, elsewhere a blank line."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.parts: list[str] = []
        self.tight = 0
        self.marker = ""
        self.cells: list[str] | None = None

    def add(self, text: str) -> None:
        """One more block, or one more cell of the open table row."""
        if self.cells is not None:
            self.cells.append(one_line(text))
        elif text.strip():
            self.parts += (("\n" if self.tight else "\n\n"), self.marker + text.strip("\n"))
            self.marker = ""

    def close_row(self) -> None:
        """Write the open table row as a line."""
        line = " | ".join(cell for cell in self.cells or () if cell)
        self.cells = None
        self.add(line)

    def text(self) -> str:
        """All of it."""
        return "".join(self.parts[1:])


def _nothing(_blocks: Blocks, _token: Token) -> None:
    return


def _open(blocks: Blocks, _token: Token) -> None:
    if blocks.tight == 0:
        blocks.add("")
    blocks.tight += 1


def _close(blocks: Blocks, _token: Token) -> None:
    blocks.tight -= 1


def _item(blocks: Blocks, token: Token) -> None:
    # "2022. That was the year" at the start of a line is a numbered item in Markdown: its number stays.
    blocks.marker = f"{token.info}{token.markup} " if token.info else ""


def _row(blocks: Blocks, _token: Token) -> None:
    blocks.cells = []


def _row_end(blocks: Blocks, _token: Token) -> None:
    blocks.close_row()


def _inline(blocks: Blocks, token: Token) -> None:
    blocks.add(inline_text(token.children or ()))


def _verbatim(blocks: Blocks, token: Token) -> None:
    blocks.add(token.content)


def _html(blocks: Blocks, token: Token) -> None:
    blocks.add(html_text(token.content))


_EFFECTS: Mapping[str, Callable[[Blocks, Token], None]] = {
    "bullet_list_open": _open,
    "bullet_list_close": _close,
    "ordered_list_open": _open,
    "ordered_list_close": _close,
    "table_open": _open,
    "table_close": _close,
    "list_item_open": _item,
    "tr_open": _row,
    "tr_close": _row_end,
    "inline": _inline,
    "code_block": _verbatim,
    "fence": _verbatim,
    "html_block": _html,
}


def inline_text(tokens: Sequence[Token]) -> str:
    """What inline nodes read like: no marks, no images, no struck-out words, line breaks kept."""
    parts: list[str] = []
    struck = 0
    for token in tokens:
        if token.type in ("s_open", "s_close"):
            struck += 1 if token.type == "s_open" else -1
        elif struck:
            continue
        elif token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak") or (
            token.type == "html_inline" and _LINE_TAG.match(token.content)
        ):
            parts.append("\n")
    return "".join(parts)


def html_text(fragment: str) -> str:
    """The words of a block of raw HTML, without scripts, styles and comments."""
    try:
        tree = html.fragment_fromstring(_LINE_TAG.sub(lambda m: "\n" + m.group(), fragment), create_parent="div")
    except (etree.LxmlError, ValueError):
        return ""
    for node in tree.xpath("//script|//style|//comment()|//processing-instruction()"):
        node.drop_tree()
    return str(tree.text_content())


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _first_heading(tokens: Sequence[Token]) -> str:
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            return inline_text(content.children or ())
    return ""
