"""A folder of decisions: links in ``links.sssom.tsv``, incidents in ``decisions.tsv``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from codegrey.fusion.decisions import Rulings, make_rulings, read_rulings, write_rulings
from codegrey.fusion.review import answers
from codegrey.link.verdicts import Verdicts, make_verdicts, read_verdicts, write_verdicts

LINKS, DECISIONS = "links.sssom.tsv", "decisions.tsv"


@dataclass(frozen=True, slots=True)
class Curation:
    """All that curators decided: hand both to :func:`codegrey.fusion.fuse`."""

    verdicts: Verdicts = field(default_factory=Verdicts)
    rulings: Rulings = field(default_factory=Rulings)


def load_curation(folder: Path | None) -> Curation:
    """The decisions of a folder; none if there is no folder or no file.

    :raises DataError: naming the line that is no decision.
    """
    if folder is None:
        return Curation()
    return Curation(read_verdicts(folder / LINKS), read_rulings(folder / DECISIONS))


def curate(curation: Curation, table: str, *, author: str, date: str) -> Curation:
    """The decisions together with those of a filled-in table (:mod:`codegrey.fusion.review`); the later ones win.

    :raises DataError: naming the line whose verdict makes no sense.
    """
    links, rulings = answers(table, author=author, date=date)
    return Curation(
        make_verdicts([*curation.verdicts.mappings, *links]), make_rulings([*curation.rulings.all, *rulings])
    )


def save_curation(folder: Path, curation: Curation) -> None:
    """Write both tables, sorted, each aside first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((LINKS, write_verdicts(curation.verdicts)), (DECISIONS, write_rulings(curation.rulings))):
        aside = folder / f".{name}.part"
        aside.write_text(text, encoding="utf-8")
        aside.replace(folder / name)
