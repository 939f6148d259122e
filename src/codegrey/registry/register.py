"""A full register of health organisations: rows of one table, whatever source they come from.

    Wikidata, ROR, FINESS, a table ── sources ──► Row ── write_register ──► <source>.tsv ── read_register ──► Row

A register is a folder of such tables, one a source. It is no part of the graph: an organisation is described there only
once an article names it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from codegrey.errors import DataError
from codegrey.model import Finding, Severity

_COUNTRY = re.compile(r"[A-Z]{2}")
_BARE = re.compile(r"Q\d+")
csv.field_size_limit(1 << 24)


@dataclass(frozen=True, slots=True)
class Row:
    """One organisation of a register; every value as written there.

    ``identifiers`` read ``scheme:value`` (wikidata, ror, finess, finess-ej, ods, cms), the first one is its key in its
    source. ``aliases`` and ``former`` are other names; ``kind`` is the source's own category or ``""``.
    """

    identifiers: tuple[str, ...]
    name: str
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    kind: str = ""
    country: str = ""
    city: str = ""
    latitude: str = ""
    longitude: str = ""
    website: str = ""

    @property
    def key(self) -> str:
        """What tells it apart in its source."""
        return self.identifiers[0] if self.identifiers else ""


COLUMNS = tuple(field.name for field in fields(Row))
_LISTS = {"identifiers", "aliases", "former"}


@dataclass(frozen=True, slots=True)
class Update:
    """What an update did: rows read, kept, added, changed and gone since the last one, and what was refused and why."""

    source: str
    read: int
    kept: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: tuple[Finding, ...] = ()


def refusal(row: Row) -> str:
    """Why a row cannot be used, or ``""``."""
    if not row.key:
        return "no identifier"
    if not row.name.strip() or _BARE.fullmatch(row.name):
        return "no name"
    if row.country and not _COUNTRY.fullmatch(row.country):
        return f"{row.country!r} is no country code"
    if bool(row.latitude) != bool(row.longitude) or not _on_earth(row):
        return "its coordinates are not on Earth"
    return ""


def _on_earth(row: Row) -> bool:
    if not row.latitude:
        return True
    try:
        return abs(float(row.latitude)) <= 90 and abs(float(row.longitude)) <= 180
    except ValueError:
        return False


def update_register(source: str, rows: Iterable[Row], folder: Path) -> Update:
    """Write ``<folder>/<source>.tsv`` from rows as they stream in, and compare it with the last one.

    The old table stays until the new one is whole. Of two rows with one key the first is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source}.tsv"
    before = {row.key: hash(row) for row in read_register(path)} if path.exists() else {}
    refused: list[Finding] = []
    seen: dict[str, int] = {}
    read = 0

    def kept() -> Iterator[Row]:
        nonlocal read
        for read, row in enumerate(rows, start=1):
            reason = "its identifier is there twice" if row.key in seen else refusal(row)
            if reason:
                refused.append(_finding(source, read, row, reason))
            else:
                seen[row.key] = hash(_read(_cells(row)))
                yield row

    write_register(path, kept())
    return Update(
        source,
        read,
        len(seen),
        added=tuple(key for key in seen if key not in before),
        changed=tuple(key for key, content in seen.items() if key in before and before[key] != content),
        removed=tuple(key for key in before if key not in seen),
        refused=tuple(refused),
    )


def _finding(source: str, number: int, row: Row, reason: str) -> Finding:
    named = row.name or row.key or "a row without name"
    return Finding(Severity.WARNING, "register/refused", f"{named}: {reason}", source=source, where=f"row {number}")


def write_register(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as a table, aside first."""
    aside = path.with_name(f".{path.name}.part")
    with aside.open("w", encoding="utf-8", newline="") as stream:
        stream.write("\t".join(COLUMNS) + "\n")
        for row in rows:
            stream.write("\t".join(_cells(row)) + "\n")
    aside.replace(path)


def _cells(row: Row) -> list[str]:
    cells = ("|".join(cell) if isinstance(cell, tuple) else cell for cell in astuple(row))
    return [" ".join(cell.split()) for cell in cells]


def _read(cells: Sequence[str]) -> Row:
    identifiers, name, aliases, former, *rest = cells
    return Row(_parts(identifiers), name, _parts(aliases), _parts(former), *rest)


def read_register(path: Path) -> Iterator[Row]:
    """The rows of one table.

    :raises DataError: if a line has not the columns of the heading, or the heading is another.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(next(lines, ())) != COLUMNS:
            raise DataError(f"{path.name} is no register: its heading should be {' '.join(COLUMNS)}")
        for number, cells in enumerate(lines, start=2):
            if len(cells) != len(COLUMNS):
                raise DataError(f"{path.name}:{number}: {len(cells)} columns, not {len(COLUMNS)}")
            yield _read(cells)


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
