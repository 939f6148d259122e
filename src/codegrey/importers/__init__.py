"""Files to articles: plain text, Markdown with front matter, web pages, JSON Lines; folders, globs, standard input.

A new format is one file with a :class:`~codegrey.importers.source.Reader` and one line in
:data:`codegrey.importers.formats.FORMATS`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from codegrey.importers.draft import HASH_LENGTH
from codegrey.importers.files import STDIN, find_files
from codegrey.importers.formats import FORMATS, SNIFF_BYTES, SUFFIXES, Format, sniff
from codegrey.importers.language import language_guesser
from codegrey.importers.source import Guess, Source, kept, left_out
from codegrey.lexicon import lexicon_languages
from codegrey.model import Article, Finding, Severity
from codegrey.settings import Settings

__all__ = ["FORMATS", "SUFFIXES", "count_files", "read_articles"]


def read_articles(
    paths: Iterable[str | Path], *, settings: Settings, stdin: BinaryIO | None = None
) -> Iterator[Article | Finding]:
    """The articles behind some paths, one at a time, and findings about whatever could not be read.

    Files come sorted by path, the articles of a file in its order, standard input (``-``) last; a text that was
    read before comes once, whatever file it stands in.

    :param paths: files, folders, glob patterns, or ``-`` for ``stdin``, whose format is told by its first bytes.
    """
    files = find_files(paths, SUFFIXES)
    yield from files.findings
    languages = lexicon_languages()
    guess = language_guesser(frozenset(languages))
    seen: set[int] = set()
    for path in files.paths:
        source = Source(path.as_posix(), path.stem, _opener(path))
        found = _once(_read(source, SUFFIXES[path.suffix.lower()], settings, guess), seen)
        yield from _with_language(found, languages)
    if files.stdin and stdin is not None:
        yield from _with_language(_once(_read_stdin(stdin, settings, guess), seen), languages)


def count_files(paths: Iterable[str | Path]) -> int:
    """How many files there are to read, for a progress bar."""
    files = find_files(paths, SUFFIXES)
    return len(files.paths) + files.stdin


def _opener(path: Path) -> Callable[[], BinaryIO]:
    def open_file() -> BinaryIO:
        return path.open("rb")

    return open_file


def _read(source: Source, kind: Format, settings: Settings, guess: Guess) -> Iterator[Article | Finding]:
    try:
        yield from kind.read(source, settings=settings, guess=guess)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        yield left_out("unreadable", message, source.name, hint="check that it is there and may be read")


def _read_stdin(stdin: BinaryIO, settings: Settings, guess: Guess) -> Iterator[Article | Finding]:
    stream = io.BufferedReader(_Raw(stdin), buffer_size=SNIFF_BYTES * 64)
    kind = sniff(stream.peek(SNIFF_BYTES)[:SNIFF_BYTES])
    source = Source(STDIN, "stdin", lambda: stream)
    yield from _read(source, kind, settings, guess)


class _Raw(io.RawIOBase):
    """Any binary stream as a raw one, so that it can be peeked into; closing it leaves the stream open."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _once(found: Iterator[Article | Finding], seen: set[int]) -> Iterator[Article | Finding]:
    """Leave out texts that were read before; only the number of a text's hash is kept of it."""
    for item in found:
        if isinstance(item, Article):
            number = int(item.id[-HASH_LENGTH:], 16)
            if number in seen:
                message = f"the same text as an article read before ({item.id})"
                yield Finding(Severity.INFO, "duplicate", message, source=item.source)
                continue
            seen.add(number)
        yield item


def _with_language(found: Iterator[Article | Finding], languages: Collection[str]) -> Iterator[Article | Finding]:
    """Say before an article that nothing will be read from it when its language has no lexicon."""
    for item in found:
        if isinstance(item, Article) and item.language and item.language not in languages:
            message = f"written in {item.language!r}, a language without a lexicon: no fact will be read from it"
            yield kept("no-lexicon", message, item.source, hint=f"there are lexicons for {' '.join(languages)}")
        yield item
