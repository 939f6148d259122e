"""Paths, folders and globs → the files to read, each once, in one order."""

from __future__ import annotations

import glob
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codegrey.importers.source import kept, left_out
from codegrey.model import Finding

STDIN = "-"
_MAGIC = frozenset("*?[")
NOT_ARTICLES = ("readme", "license", "changelog", "contributing")  # what folders say about themselves


@dataclass(frozen=True, slots=True)
class Files:
    """What a list of paths comes to."""

    paths: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    stdin: bool = False


@dataclass(slots=True)
class _Search:
    suffixes: frozenset[str]
    paths: dict[Path, None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)  # (folder, suffix)

    def add(self, name: str) -> None:
        path = Path(name)
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            self.missing(name, error)
            return
        if stat.S_ISDIR(mode):
            self.folder(path)
        elif not stat.S_ISREG(mode):
            self.findings.append(left_out("not-a-file", "neither a file nor a folder", str(path)))
        elif path.suffix.lower() not in self.suffixes:
            self.findings.append(left_out("unknown-format", _unknown(path.suffix), str(path), hint=self.hint()))
        else:
            self.paths[path] = None

    def missing(self, name: str, error: OSError | ValueError) -> None:
        if _MAGIC.isdisjoint(name) or "\0" in name:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.findings.append(left_out("unreadable", f"cannot be read: {reason}", name, hint="check the path"))
            return
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - pathlib refuses absolute patterns
        if not matches:
            self.findings.append(left_out("no-match", "no file matches this pattern", name, hint="check the path"))
        for match in matches:
            self.add(match)

    def folder(self, folder: Path) -> None:
        before = len(self.paths)
        for parent, folders, files in os.walk(folder, onerror=self.unreadable_folder):
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            for name in sorted(files):
                self.member(Path(parent, name))
        for (parent, suffix), count in sorted(self.skipped.items()):
            message = f"{count} file(s) skipped: {_unknown(suffix)}"
            self.findings.append(kept("unknown-format", message, parent, hint=self.hint()))
        self.skipped.clear()
        if len(self.paths) == before:
            self.findings.append(left_out("no-articles", "no articles in this folder", str(folder), hint=self.hint()))

    def member(self, path: Path) -> None:
        """One file of a folder. What is plainly no article passes in silence, what may be one with a warning."""
        if _is_hidden(path.name) or path.stem.lower() in NOT_ARTICLES:
            return
        if path.suffix.lower() not in self.suffixes:
            self.skipped[path.parent.as_posix(), path.suffix] += 1
        elif not path.is_file():
            self.findings.append(left_out("unreadable", "neither a file nor a folder", str(path)))
        else:
            self.paths[path] = None

    def unreadable_folder(self, error: OSError) -> None:
        message = f"cannot be read: {error.strerror or error}"
        self.findings.append(left_out("unreadable", message, str(error.filename), hint="check the permissions"))

    def hint(self) -> str:
        return f"known: {' '.join(sorted(self.suffixes))}"


def find_files(names: Iterable[str | Path], suffixes: Mapping[str, object]) -> Files:
    """The files behind paths, folders (searched to any depth) and globs, sorted by path.

    The same file named twice, by whatever way, is read once. What cannot be read becomes a finding.
    """
    search = _Search(frozenset(suffixes))
    stdin = False
    for name in names:
        if str(name) == STDIN:
            stdin = True
        else:
            search.add(str(name))
    return Files(tuple(_once(search.paths)), tuple(search.findings), stdin)


def _once(paths: Iterable[Path]) -> Iterator[Path]:
    seen: set[str] = set()
    for path in sorted(paths, key=lambda p: p.as_posix()):
        real = os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            yield path


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_", "~"))


def _unknown(suffix: str) -> str:
    return f"unknown format {suffix!r}" if suffix else "no file suffix, so no known format"
