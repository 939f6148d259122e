"""N-Quads → an Oxigraph store on disk, and its read-only door.

A store is written once, in a folder that nobody reads yet, and then only read: pyoxigraph's read-only handles never
see later writes, and a second writer fails on the lock. A reader that wants newer data opens the newer folder.
"""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import RdfFormat, Store

from codegrey.errors import DatasetError


def build_store(path: Path, nquads: Path) -> int:
    """Load an N-Quads file into a new store at ``path`` and return how many quads it holds.

    :raises DatasetError: if the file is not N-Quads or the folder cannot be written.
    """
    try:
        store = Store(str(path))
        store.bulk_load(path=str(nquads), format=RdfFormat.N_QUADS)
    except (SyntaxError, OSError) as error:
        raise DatasetError(f"cannot build a store from {nquads.name}: {error}") from error
    store.flush()
    store.optimize()
    return len(store)


def open_store(path: Path) -> Store:
    """Open a store for reading. Any number of processes may do so at once.

    :raises DatasetError: if there is no usable store at ``path``.
    """
    if not path.is_dir():
        raise DatasetError(f"no store at {path}")
    try:
        return Store.read_only(str(path))
    except OSError as error:
        raise DatasetError(f"cannot open the store at {path}: {error}") from error
