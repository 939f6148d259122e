"""How well extraction reads: precision and recall against annotated articles, the floors that must hold, calibration.

    gold ── load_corpus ──► Corpus ┐
                                   ├─ score ──► Score ──► table, reliability, check_floors
    articles ── extract ──► Report ┘

A fact is (incident, slot, value). What the slots mean, and how an article is annotated, is in ``docs/annotation.md``;
how the figures come about, in ``docs/evaluation.md``.
"""

from codegrey.evaluate.calibration import Bin, reliability
from codegrey.evaluate.compare import same_name
from codegrey.evaluate.facts import SLOTS, Side, claimed, expected
from codegrey.evaluate.gate import Floors, check_floors, load_floors, make_floors, write_floors
from codegrey.evaluate.gold import FLOORS_FILE, TUNED, Corpus, load_corpus, load_gold
from codegrey.evaluate.table import bin_lines, error_lines, figures, rule_lines, table_lines
from codegrey.evaluate.tally import Outcome, Score, Tally, score

__all__ = [
    "FLOORS_FILE",
    "SLOTS",
    "TUNED",
    "Bin",
    "Corpus",
    "Floors",
    "Outcome",
    "Score",
    "Side",
    "Tally",
    "bin_lines",
    "check_floors",
    "claimed",
    "error_lines",
    "expected",
    "figures",
    "load_corpus",
    "load_floors",
    "load_gold",
    "make_floors",
    "reliability",
    "rule_lines",
    "same_name",
    "score",
    "table_lines",
    "write_floors",
]
