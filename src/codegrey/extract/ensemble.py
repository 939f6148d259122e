"""Patterns and the learned recogniser together: each statement weighed by both.

A pattern's statement that the recogniser shares gains confidence, one that it doubts loses some; what it is sure of
where no pattern matched becomes a statement of its own, over the whole sentence. Which sentences count, and for which
incident, is decided afterwards for all of them alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from codegrey.extract.concepts import Concepts
from codegrey.extract.scene import Scene
from codegrey.extract.statements import QUESTION, Statement
from codegrey.model import Span
from codegrey.terms import Iri
from codegrey.vocab import local_name

RECOGNISER = "recogniser"
BLOCKED = frozenset({"Generic", QUESTION})
_STATUS = {"ransomStatus": ("ransom", "Ransom"), "dataStatus": ("data", "Data"), "careStatus": ("impact", "")}


ACCEPT = 0.75
"""The probability from which the recogniser speaks where no pattern does.

Chosen between 0.5 and 0.9 on the tune split of the gold and the development articles: lower costs more precision than
it brings recall.
"""


def label_of(concept: Iri, concepts: Concepts) -> str:
    """The recogniser's label of a concept; ``""`` where it knows none."""
    role, name = concepts.role(concept), local_name(concept)
    if role in _STATUS:
        prefix, head = _STATUS[role]
        return f"{prefix}/{name.removeprefix(head)}"
    return f"{role}/{name}" if role in ("attack", "impact", "response", "system") else ""


def combine(scene: Scene, predictions: Sequence[Mapping[str, float]], concepts: Concepts) -> Scene:
    """The scene with its statements weighed; ``predictions`` hold one mapping of label to probability a sentence."""
    weighed = [
        _weighed(statement, probability)
        if (probability := predictions[statement.sentence].get(label_of(statement.concept, concepts))) is not None
        else statement
        for statement in scene.statements
    ]
    weighed += _added(scene, predictions, concepts)
    order = sorted(weighed, key=lambda s: (s.sentence, s.first, s.last, s.concept, s.rule))
    return replace(scene, statements=tuple(order))


def _weighed(statement: Statement, probability: float) -> Statement:
    """Two signs of one thing: the confidence moves with the recogniser's, and a shared weak one is no longer weak."""
    confidence = round(statement.confidence * (0.75 + 0.25 * probability) + 0.05 * probability, 3)
    return statement._replace(confidence=min(confidence, 0.97), weak=statement.weak and probability < 0.5)


def _added(scene: Scene, predictions: Sequence[Mapping[str, float]], concepts: Concepts) -> Iterator[Statement]:
    """What the recogniser is sure of and no pattern says, denies or reads otherwise: statements of whole sentences."""
    by_label = {label: concept for concept in concepts.roles if (label := label_of(concept, concepts))}
    said = {(statement.sentence, statement.concept) for statement in scene.statements}
    said |= {(refusal.sentence, refusal.concept) for refusal in scene.refusals}
    said |= {
        (statement.sentence, concept)
        for statement in scene.statements
        for concept in concepts.readings.suppresses.get(statement.concept, ())
    }
    for sentence, probabilities in zip(scene.document.sentences, predictions, strict=True):
        if not BLOCKED.isdisjoint(scene.effects(sentence.index)):
            continue
        for label, probability in sorted(probabilities.items()):
            concept = by_label.get(label)
            if concept is None or probability < ACCEPT or (sentence.index, concept) in said:
                continue
            span = Span(sentence.start, sentence.end, scene.document.text[sentence.start : sentence.end])
            size = len(scene.units[sentence.index].units)
            confidence = round(0.85 * probability, 3)
            yield Statement(concept, sentence.index, 0, size, span, False, confidence, label, {}, RECOGNISER)
