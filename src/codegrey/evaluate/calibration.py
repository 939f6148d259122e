"""Whether confidence means what it says: of the facts claimed at 0.9, nine in ten should be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from codegrey.evaluate.tally import Outcome

EDGES = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """The claimed facts whose confidence is at least ``low`` and below ``high`` (the last one: at most)."""

    low: float
    high: float
    right: int
    wrong: int
    mean: float  # confidence

    @property
    def claimed(self) -> int:
        """How many facts."""
        return self.right + self.wrong

    @property
    def share(self) -> float:
        """The share that is right."""
        return self.right / self.claimed if self.claimed else 0.0


def reliability(outcomes: Iterable[Outcome], edges: Sequence[float] = EDGES) -> tuple[Bin, ...]:
    """Bins of confidence that hold facts, from low to high.

    Each fact counts once, at the confidence of its most confident claim (Guo et al., *On calibration of modern neural
    networks*, 2017).
    """
    claimed = [(o.confidence, o.verdict == "tp") for o in outcomes if o.confidence is not None]
    bins = []
    for low, high in pairwise(edges):
        inside = [(c, right) for c, right in claimed if low <= c < high or (high == edges[-1] and c == high)]
        if inside:
            right = sum(ok for _, ok in inside)
            bins.append(Bin(low, high, right, len(inside) - right, _mean([c for c, _ in inside])))
    return tuple(bins)


def _mean(values: Sequence[float]) -> float:
    """The mean, which rounding must not carry out of the values' range."""
    return min(max(fsum(values) / len(values), min(values)), max(values))
