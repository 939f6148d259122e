"""From what a format reads to an :class:`~codegrey.model.Article`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from codegrey.importers.dates import published
from codegrey.importers.language import language_code
from codegrey.importers.normalise import normalise, one_line, unwrap
from codegrey.importers.source import Guess, Source, kept, left_out
from codegrey.model import Article, ArticleId, Finding
from codegrey.text import fold

SLUG_LENGTH = 40
HASH_LENGTH = 10
MAX_TITLE = 300  # characters
NAME_HINT = "known keys: title, url, published (or date), language, publisher"

_WORD = re.compile(r"[^\W_]+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_URL = re.compile(r'https?://[^\s<>"{}|\\^`\x00-\x20]+')


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as one format gives it: nothing checked, nothing normalised."""

    body: str
    title: str = ""
    published: str = ""
    language: str = ""
    url: str = ""
    publisher: str = ""


def with_metadata(draft: Draft, metadata: Mapping[str, str]) -> Draft:
    """The draft with what a metadata block says (front matter, a JSON object); its keys are lower case."""
    return replace(
        draft,
        title=metadata.get("title") or draft.title,
        published=metadata.get("published") or metadata.get("date") or draft.published,
        language=metadata.get("language") or metadata.get("lang") or draft.language,
        url=metadata.get("url") or draft.url,
        publisher=metadata.get("publisher") or draft.publisher,
    )


def finish(
    draft: Draft, source: Source, *, guess: Guess, stem: str = "", where: str = ""
) -> Iterator[Article | Finding]:
    """The article of a draft, after findings about whatever was wrong with it; no article when it holds no words.

    ``where`` is the line of a file of many articles; ``stem`` overrides the source's.
    """
    title = one_line(draft.title)[:MAX_TITLE].rstrip()
    body = unwrap(normalise(draft.body))
    text = join(title, body)
    if not any(c.isalnum() for c in text):
        yield left_out("empty", "no words in it", source.name, where=where)
        return
    date, url = published(draft.published), draft.url.strip()
    if date is None and draft.published.strip():
        message = f"publication date not understood: {one_line(draft.published)[:40]!r}"
        yield kept("published", message, source.name, where=where, hint="write YYYY, YYYY-MM or YYYY-MM-DD")
    if url and not _URL.fullmatch(url):
        yield kept("url", f"not a web address: {url[:80]!r}", source.name, where=where, hint="write it with https://")
        url = ""
    language = language_code(draft.language)
    if language is None and draft.language.strip():
        message = f"language not understood: {one_line(draft.language)[:40]!r}"
        yield kept("language", message, source.name, where=where, hint="write a code such as en or fr")
    yield Article(
        id=article_id(title, text),
        text=text,
        title=title,
        language=language or guess(text),
        published=date or "",
        url=url,
        publisher=one_line(draft.publisher)[:MAX_TITLE],
        source=f"{source.name}:{where.removeprefix('line ')}" if where else source.name,
        stem=stem or source.stem,
    )


def join(title: str, body: str) -> str:
    """Title, blank line, body. A first line that is the title, give or take punctuation, is not repeated."""
    if not title or not body:
        return title or body
    first, _, rest = body.partition("\n")
    if _letters(first) == _letters(title):
        return f"{first}\n\n{rest.lstrip()}".rstrip()
    return f"{title}\n\n{body}"


def _letters(line: str) -> str:
    return "".join(c for c in line.casefold() if c.isalnum())


def article_id(title: str, text: str) -> ArticleId:
    """``slug-hash``: the words are for people, the hash of the text makes it stable and unique."""
    digest = hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:HASH_LENGTH]
    return ArticleId(f"{slug(title or text) or 'article'}-{digest}")


def slug(words: str) -> str:
    """The first words in lower-case ASCII, joined by hyphens, at most 40 characters.

    >>> slug("L’hôpital de Cahors visé par une cyberattaque")
    'l-hopital-de-cahors-vise-par-une'
    """
    parts: list[str] = []
    length = -1
    for match in islice(_WORD.finditer(words), SLUG_LENGTH):
        part = "".join(_ASCII_WORD.findall(fold(match.group()[:SLUG_LENGTH])))
        if not part:
            continue
        length += 1 + len(part)
        if length > SLUG_LENGTH:
            break
        parts.append(part)
    return "-".join(parts)
