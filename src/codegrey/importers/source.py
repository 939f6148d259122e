"""Where articles are read from, and the shape that every reader has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeAlias

from codegrey.model import Article, Finding, Severity
from codegrey.settings import Settings

Guess: TypeAlias = Callable[[str], str]  # text → ISO 639-1 code, or "" when it is too short to tell


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or standard input. ``name`` is how findings call it, ``stem`` how outputs are named after it."""

    name: str
    stem: str
    open: Callable[[], BinaryIO]


class Reader(Protocol):
    """Reads the articles of one source. Whatever is wrong with its bytes becomes a finding, never an exception."""

    def __call__(self, source: Source, *, settings: Settings, guess: Guess) -> Iterator[Article | Finding]:
        """Articles and findings in the order of the file.

        :raises OSError: when the source cannot be opened or read.
        """
        ...


def left_out(code: str, message: str, source: str, *, where: str = "", hint: str = "") -> Finding:
    """A finding about something that was not read."""
    return Finding(Severity.ERROR, code, message, source=source, where=where, hint=hint)


def kept(code: str, message: str, source: str, *, where: str = "", hint: str = "") -> Finding:
    """A finding about something that was read, and deserves a look."""
    return Finding(Severity.WARNING, code, message, source=source, where=where, hint=hint)
