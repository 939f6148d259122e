"""The example queries that pages, service description and OpenAPI document show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One example: its name, its question by language, the query, its tags."""

    name: str
    question: tuple[tuple[str, str], ...]
    text: str
    tags: tuple[str, ...] = ()
    federated: bool = False

    def asked(self, language: str) -> str:
        """The question in a language, or in the first one there is."""
        questions = dict(self.question)
        return questions.get(language) or next(iter(questions.values()), self.name)


ExampleSource = Callable[[], tuple[Example, ...]]
