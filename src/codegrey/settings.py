"""The settings that shape a graph. Serving has its own (``codegrey.serve.settings``)."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_BASE = "https://w3id.org/codegrey/id/"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a build can be told.

    ``base`` is the namespace of every resource that codegrey mints and ends in ``/`` or ``#``.
    ``jobs`` is the number of processes; the result does not depend on it.
    ``max_article_bytes`` bounds one input file; a larger one becomes a finding.
    ``recogniser`` puts the learned recogniser beside the patterns.
    """

    base: str = DEFAULT_BASE
    jobs: int = 1
    max_article_bytes: int = 5_000_000
    recogniser: bool = True
