"""What curators decided about incidents: which reports are one, which are not, which of rival values holds.

A table (``data/decisions.tsv``), one decision a line:

    same        <article>#<incident key>   <article>#<incident key>
    different   <article>#<incident key>   <article>#<incident key>
    value       <article>#<incident key>   <property>   <value as the claims give it>

A decision names reports and not fused incidents, so it holds however often the graph is rebuilt.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

from codegrey.errors import DataError

KINDS = ("same", "different", "value")


@dataclass(frozen=True, slots=True, order=True)
class Ruling:
    """One decision: ``left`` and ``right`` are reported incidents (or a property and ``value``), who and when."""

    kind: str
    left: str
    right: str
    value: str = ""
    author: str = ""
    date: str = ""
    comment: str = ""

    @property
    def words(self) -> str:
        """Who decided, and when, as a reason."""
        return f"was chosen by {self.author or 'a curator'}{f' on {self.date}' if self.date else ''}"


COLUMNS = tuple(field_.name for field_ in fields(Ruling))


@dataclass(frozen=True, slots=True)
class Rulings:
    """All decisions, ready to be looked up."""

    all: tuple[Ruling, ...] = ()
    apart: Mapping[str, frozenset[str]] = field(default_factory=dict)
    values: Mapping[tuple[str, str], Ruling] = field(default_factory=dict)

    @property
    def together(self) -> tuple[tuple[str, str], ...]:
        """Pairs of reported incidents that are one."""
        return tuple((ruling.left, ruling.right) for ruling in self.all if ruling.kind == "same")


def make_rulings(rulings: Iterable[Ruling]) -> Rulings:
    """Index decisions; of two on one question the later date wins."""
    latest: dict[tuple[str, ...], Ruling] = {}
    for ruling in sorted(rulings, key=lambda r: (r.date, r)):
        value = ruling.kind == "value"
        question = (ruling.left, ruling.right) if value else tuple(sorted((ruling.left, ruling.right)))
        latest["value" if value else "pair", *question] = ruling
    apart: dict[str, set[str]] = {}
    for ruling in latest.values():
        if ruling.kind == "different":
            apart.setdefault(ruling.left, set()).add(ruling.right)
            apart.setdefault(ruling.right, set()).add(ruling.left)
    return Rulings(
        tuple(sorted(latest.values())),
        {item: frozenset(others) for item, others in apart.items()},
        {(ruling.left, ruling.right): ruling for ruling in latest.values() if ruling.kind == "value"},
    )


def read_rulings(path: Path) -> Rulings:
    """The decisions of a file; none if there is no such file.

    :raises DataError: naming the line whose kind is not known or that lacks one of the two sides.
    """
    if not path.exists():
        return Rulings()
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return make_rulings(_ruling(row, f"{path.name}:{number}") for number, row in enumerate(rows, start=2))


def _ruling(row: Mapping[str, str | None], where: str) -> Ruling:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if cells["kind"] not in KINDS or not cells["left"] or not cells["right"]:
        raise DataError(f"{where}: it needs a kind ({', '.join(KINDS)}), a left and a right")
    return Ruling(**cells)


def write_rulings(rulings: Rulings) -> str:
    """The table, sorted."""
    rows = [COLUMNS, *(astuple(ruling) for ruling in rulings.all)]
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows) + "\n"
