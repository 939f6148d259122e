"""The writing side: build a version aside, check it, switch to it in one rename.

A crash at any line leaves ``current`` where it was; what it left behind is swept by the next writer. One writer at
a time holds the lock of the folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from codegrey.dataset.content import Sources, fill
from codegrey.dataset.folder import CURRENT, MANIFEST, SUMS, VERSIONS, Dataset, open_dataset, verify
from codegrey.errors import DatasetError
from codegrey.model import Article, Finding, Report
from codegrey.settings import Settings
from codegrey.terms import Iri, Quad

HISTORY = "history"
_LOCK = ".lock"
_NEW = ".new-"


def publish(
    folder: Path,
    quads: Iterable[Quad],
    *,
    articles: Iterable[Article] = (),
    reports: Iterable[Report] = (),
    findings: Iterable[Finding] = (),
    assignments: Iterable[tuple[str, Iri]] = (),
    settings: Settings | None = None,
    keep: int = 3,
) -> Dataset:
    """Write a version from ``quads`` (all graphs but graph/dataset, which is written here) and make it current.

    ``assignments`` are those of the fusion, for the next one. The last ``keep`` versions stay. The same content
    published again is the version that is already there.

    :raises DatasetError: if the folder cannot be written, another process is writing, or the check fails.
    """
    settings = settings or Settings()
    try:
        (folder / VERSIONS).mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _sweep(folder)
            sources = Sources(tuple(articles), tuple(reports), tuple(findings), tuple(assignments))
            with _aside(folder / VERSIONS) as aside:
                fill(aside, quads, sources, settings.base)
                name = _settle(folder / VERSIONS, aside)
            _switch(folder, name)
            _forget(folder, keep)
    except OSError as error:
        raise DatasetError(f"cannot write the dataset at {folder}: {error}") from error
    return open_dataset(folder)


def prune(folder: Path, keep: int) -> tuple[str, ...]:
    """Delete all but the last ``keep`` versions (the current one always stays); return the names of those deleted.

    :raises DatasetError: if the folder cannot be written or another process is writing.
    """
    open_dataset(folder)
    try:
        with _locked(folder):
            _sweep(folder)
            return _forget(folder, keep)
    except OSError as error:
        raise DatasetError(f"cannot prune the dataset at {folder}: {error}") from error


def _settle(versions: Path, aside: Path) -> str:
    """Give the new version its name; the same version, if it is there already, is used again."""
    digest = hashlib.sha256((aside / SUMS).read_bytes()).hexdigest()
    version = json.loads((aside / MANIFEST).read_text(encoding="utf-8"))["version"]
    _sync(aside)
    for name in (version, f"{version}-{digest[:8]}"):
        place = versions / name
        if not place.exists():
            aside.chmod(0o755)
            aside.rename(place)
            _sync(versions)
            return str(name)
        if not verify(Dataset(place, {})) and (place / SUMS).read_bytes() == (aside / SUMS).read_bytes():
            return str(name)
    raise DatasetError(f"{versions / version} is damaged; delete it, or build into another folder")


def _switch(folder: Path, name: str) -> None:
    """Note the version in the history, then point ``current`` at it: one rename."""
    names = [old for old in _history(folder) if old != name] + [name]
    _replace(folder / HISTORY, lambda path: path.write_text("".join(f"{n}\n" for n in names), encoding="ascii"))
    _replace(folder / CURRENT, lambda path: path.symlink_to(Path(VERSIONS) / name))
    _sync(folder)


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    aside = path.with_name(f"{_NEW}{path.name}")
    aside.unlink(missing_ok=True)
    make(aside)
    aside.replace(path)


def _history(folder: Path) -> list[str]:
    """Names of the versions that are there, the newest last."""
    path = folder / HISTORY
    names = path.read_text(encoding="ascii").split() if path.exists() else []
    return [name for name in names if (folder / VERSIONS / name).is_dir()]


def _forget(folder: Path, keep: int) -> tuple[str, ...]:
    names = _history(folder)
    current = (folder / CURRENT).resolve().name
    old = tuple(name for name in names[: max(0, len(names) - keep)] if name != current)
    for name in old:
        shutil.rmtree(folder / VERSIONS / name)
    return old


def _sweep(folder: Path) -> None:
    """Remove what a writer that died left behind; the lock says that no other is at work."""
    for path in (folder / VERSIONS).glob(f"{_NEW}*"):
        shutil.rmtree(path)


def _sync(folder: Path) -> None:
    """Force a folder's entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _aside(versions: Path) -> Iterator[Path]:
    """A new folder beside the versions, gone afterwards unless it was given a name."""
    path = Path(tempfile.mkdtemp(prefix=_NEW, dir=versions))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. It goes with the process, however that ends."""
    with (folder / _LOCK).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatasetError(f"another process is writing to {folder}") from error
        yield
