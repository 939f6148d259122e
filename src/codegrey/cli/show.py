"""What a person, or a script, gets to see: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from codegrey.model import Finding, Severity
from codegrey.settings import DEFAULT_BASE
from codegrey.vocab import PREFIXES

Report: TypeAlias = "Callback | None"
SHOWN = 50  # findings in a table; --json gives all
_PLURALS = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "notes"}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}


class Callback:
    """Tells a progress bar how far a stage is: ``callback(stage, done, total)``; a total of 0 is unknown."""

    def __init__(self, bars: Progress) -> None:
        """Draw into these bars."""
        self._bars = bars
        self._tasks: dict[str, int] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the bar of a stage, which appears when it is first heard of."""
        if stage not in self._tasks:
            self._tasks[stage] = int(self._bars.add_task(stage, total=total or None))
        self._bars.update(self._tasks[stage], completed=done, total=total or None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a command speaks. ``as_json`` makes standard output JSON lines; ``quiet`` leaves errors only."""

    quiet: bool = False
    as_json: bool = False

    @contextmanager
    def progress(self) -> Iterator[Report]:
        """Progress bars, if somebody is there to see them."""
        if self.quiet or self.as_json or not sys.stderr.isatty():
            yield None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield Callback(bars)

    def findings(self, findings: Sequence[Finding]) -> None:
        """Findings, worst first: a table on a terminal, one line each elsewhere, JSON lines if asked."""
        order = list(Severity)
        shown = sorted(findings, key=lambda f: (order.index(f.severity), f.source, f.where, f.code))
        if self.as_json:
            for finding in shown:
                print_json({"finding": asdict(finding)})
            return
        if self.quiet:
            shown = [finding for finding in shown if finding.severity is Severity.ERROR]
        if sys.stderr.isatty():
            _table(shown)
        else:
            for finding in shown[:SHOWN]:
                print(finding_line(finding), file=sys.stderr)
        if len(shown) > SHOWN:
            print(f"… and {len(shown) - SHOWN} more findings; --json lists them all", file=sys.stderr)

    def result(self, values: Mapping[str, object], sentence: str) -> None:
        """The outcome: a sentence for people, the values for scripts."""
        if self.as_json:
            print_json({"result": values})
        elif not self.quiet:
            print(sentence)


def finding_line(finding: Finding) -> str:
    """``severity: source, where: message: "quote" (hint)``."""
    place = _short(", ".join(part for part in (finding.source, finding.where) if part))
    quote = f': "{finding.quote}"' if finding.quote else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{finding.severity}: {place + ': ' if place else ''}{finding.message}{quote}{hint}"


def _short(place: str) -> str:
    """IRIs of ours as people read them."""
    return place.replace(DEFAULT_BASE, "").replace(PREFIXES["cg"], "cg:")


def counted(count: int, name: str) -> str:
    """``1 incident``, ``2 incidents``."""
    return f"{count} {name.removesuffix('s') if count == 1 else name}"


def _table(findings: Sequence[Finding]) -> None:
    if not findings:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "where", "what", "hint"):
        table.add_column(heading, overflow="fold")
    for finding in findings[:SHOWN]:
        place = _short("\n".join(part for part in (finding.source, finding.where) if part))
        words = f"{finding.message}\n“{finding.quote}”" if finding.quote else finding.message
        table.add_row(
            Text(finding.severity, _COLOURS[finding.severity]), Text(place), Text(words), Text(finding.hint, "dim")
        )
    Console(stderr=True).print(table)


def print_json(value: object) -> None:
    """One line of JSON."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of results: as wide as the terminal on one, as wide as needed elsewhere."""
    console = Console() if sys.stdout.isatty() else Console(width=100_000, soft_wrap=True)
    if not console.is_terminal:
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
        for row in (columns, ["-" * width for width in widths], *rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def exit_code(findings: Sequence[Finding]) -> int:
    """1 if something was left out, else 0."""
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def tally(findings: Sequence[Finding]) -> str:
    """How many findings there were of each severity, in words; empty if there were none."""
    counts = Counter(finding.severity for finding in findings)
    words = [counted(counts[s], _PLURALS[s]) for s in Severity if counts[s]]
    return ", ".join(words)
