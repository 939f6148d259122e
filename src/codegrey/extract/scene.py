"""One article, analysed: its sentences as units, what they state, and the organisations that they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from codegrey.extract.mentions import Group
from codegrey.extract.statements import PATTERNS, Refusal, Statement, Turned
from codegrey.extract.units import Entity, Units
from codegrey.model import Article
from codegrey.text import Document


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that was read, before it is decided which incident it belongs to; lists by sentence."""

    article: Article
    document: Document
    units: tuple[Units, ...]
    cues: tuple[tuple[Turned, ...], ...]
    statements: tuple[Statement, ...]
    refusals: tuple[Refusal, ...]
    groups: tuple[Group, ...]  # health-care organisations
    bodies: tuple[Group, ...]  # responders and threat actors

    def entities(self, sentence: int, tag: str) -> list[tuple[int, Entity]]:
        """The units of a sentence that are entities of a tag, with their place among the units."""
        return [
            (place, unit.entity)
            for place, unit in enumerate(self.units[sentence].units)
            if unit.entity is not None and unit.entity.tag == tag
        ]

    def named(self, sentence: int) -> list[tuple[int, Group]]:
        """The health-care organisations that a sentence names, in order."""
        return [
            (place, entity.value) for place, entity in self.entities(sentence, "org") if isinstance(entity.value, Group)
        ]

    def states(self, concept: str) -> list[Statement]:
        """The statements of one concept."""
        return [statement for statement in self.statements if statement.concept == concept]

    def effects(self, sentence: int) -> set[str]:
        """The effects of the cues that a sentence holds."""
        return {cue.effect for cue in self.cues[sentence]}


def title_sentences(scene: Scene) -> Sequence[int]:
    """The sentences of the article's title."""
    length = len(scene.article.title)
    if not length:
        return ()
    return [s.index for s in scene.document.sentences if s.start < length and s.paragraph == 0]


def patterned(scene: Scene) -> Scene:
    """The scene as the patterns alone read it: what decides which incidents there are, and whose a sentence is."""
    return replace(scene, statements=tuple(s for s in scene.statements if s.extractor == PATTERNS))
