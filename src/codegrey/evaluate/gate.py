"""The floors under the figures: none may be missed, and none sinks unnoticed.

``floors.json`` beside the annotations holds, for each split, the least F1 of all facts, incidents, each language and
each slot with enough facts to mean something, and the hash of the corpus that they were measured on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codegrey.errors import DataError
from codegrey.evaluate.facts import SLOTS
from codegrey.evaluate.gold import Corpus, read_json
from codegrey.evaluate.tally import Score, Tally
from codegrey.model import Finding, Severity

ENOUGH = 10  # facts that a slot needs before one of them more or less is no longer a matter of luck
TINY = 1e-9  # of a figure: what adding up in another order may change
_HINT = "if that is meant: codegrey evaluate --write-floors, in a commit of its own"


@dataclass(frozen=True, slots=True)
class Floors:
    """The least F1 by split and figure; ``corpus`` is the hash of what they were measured on."""

    corpus: str
    splits: Mapping[str, Mapping[str, float]]


def make_floors(scores: Mapping[str, Score], corpus: Corpus) -> Floors:
    """The present figures, rounded down to hundredths, as floors."""
    return Floors(
        corpus.digest,
        {
            split: {name: math.floor((tally.f1 + TINY) * 100) / 100 for name, tally in _measured(score)}
            for split, score in scores.items()
        },
    )


def check_floors(scores: Mapping[str, Score], floors: Floors, corpus: Corpus) -> tuple[Finding, ...]:
    """An error for each floor that is missed, and one if the corpus is another than the floors'."""
    source = corpus.folder.as_posix()
    findings = []
    if corpus.digest != floors.corpus:
        message = "the corpus is not the one that the floors were measured on"
        findings.append(Finding(Severity.ERROR, "corpus-changed", message, source=source, hint=_HINT))
    for split, score in scores.items():
        measured = dict(_measured(score, enough=0))
        for name, floor in floors.splits.get(split, {}).items():
            reached = measured.get(name, Tally()).f1
            if reached < floor - TINY:
                message = f"F1 of {name} is {reached:.4f}, the floor is {floor:.2f}"
                findings.append(Finding(Severity.ERROR, "below-floor", message, source=source, where=split, hint=_HINT))
    return tuple(findings)


def _measured(score: Score, enough: int = ENOUGH) -> Iterator[tuple[str, Tally]]:
    yield "all", score.total
    yield "incidents", score.incidents
    yield from ((f"language {name}", score.languages[name]) for name in sorted(score.languages))
    for slot in SLOTS:
        if slot in score.slots and score.slots[slot].expected >= enough:
            yield f"slot {slot}", score.slots[slot]


def load_floors(path: Path) -> Floors:
    """Read floors.

    :raises DataError: if there are none, or the file is malformed.
    """
    try:
        data = read_json(path)
        splits = {split: {n: float(f) for n, f in figures.items()} for split, figures in data["floors"].items()}
        return Floors(str(data["corpus"]), splits)
    except OSError as error:
        raise DataError(f"{path}: no floors there ({error.strerror}); codegrey evaluate --write-floors") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path.name}: no floors in it: {error!r}") from error


def write_floors(path: Path, floors: Floors) -> None:
    """Write floors, the same bytes for the same figures."""
    data = {"incidents": [], "corpus": floors.corpus, "floors": floors.splits}  # "incidents": no annotation has none
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
