"""One plain form for the text of every article, whatever file it came from.

What is done, and why, is in ``docs/decisions/text-normalisation.md``. Offsets of evidence count in the result.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028]")
_PARAGRAPH_BREAKS = re.compile("\u2029")
_SPACES = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000 ]+")
# Characters that show nothing (soft hyphen, zero-width, direction marks, byte order mark) …
_INVISIBLE = re.compile("[\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# … and those that XML 1.0 (RDF/XML, SPARQL results) cannot carry, lone surrogates among them.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_PADDED_BREAK = re.compile(" ?\n ?")
_MANY_BREAKS = re.compile("\n{3,}")
_SENTENCE_END = re.compile(r"""[.!?:;…][»”"’')\]]*$""")

WRAP_COLUMNS = range(40, 101)  # the widths at which people wrap lines; a longer line is a paragraph of its own
SURE_WRAP_LINES = 4  # from here on, a capital at the start of a line does not speak against wrapping


def normalise(text: str) -> str:
    """The plain form: NFC, `\\n` line breaks, single plain spaces, nothing invisible, no more than one blank line."""
    text = _PARAGRAPH_BREAKS.sub("\n\n", _BREAKS.sub("\n", text))
    text = _FORBIDDEN.sub("\ufffd", _INVISIBLE.sub("", text)) if not text.isascii() else _FORBIDDEN.sub("", text)
    text = unicodedata.normalize("NFC", text)
    text = _PADDED_BREAK.sub("\n", _SPACES.sub(" ", text))
    return _MANY_BREAKS.sub("\n\n", text).strip()


def one_line(text: str) -> str:
    """The plain form on a single line, for titles and names."""
    return " ".join(normalise(text).split())


def unwrap(text: str) -> str:
    """Join the lines of hard-wrapped paragraphs; every other line break stays, since it may end a heading or an item.

    A paragraph is hard-wrapped when each of its breaks stands where a wrapper at the width of its longest line
    would have put one: the first word of the next line would not have fitted.
    """
    return "\n\n".join(_unwrap_paragraph(paragraph) for paragraph in text.split("\n\n"))


def _unwrap_paragraph(paragraph: str) -> str:
    lines = paragraph.split("\n")
    if not _is_wrapped(lines):
        return paragraph
    joined = [lines[0]]
    for line in lines[1:]:
        if _SENTENCE_END.search(joined[-1]):
            joined.append(line)
        else:
            joined[-1] += " " + line
    return "\n".join(joined)


def _is_wrapped(lines: list[str]) -> bool:
    width = max(map(len, lines))
    if len(lines) < 2 or width not in WRAP_COLUMNS or not all(lines):
        return False
    for line, following in pairwise(lines):
        if len(line) + 1 + len(following.split(" ", 1)[0]) <= width:
            return False
        if len(lines) < SURE_WRAP_LINES and not following[0].islower():
            return False
    return True
