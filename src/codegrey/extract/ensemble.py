"""Patterns and the learned recogniser together: each statement weighed by both.

A pattern's statement that the recogniser thinks very unlikely is refused; one that it shares gains confidence; what it
is sure of where no pattern matched becomes a statement of its own, over the whole sentence. Which sentences count, and
for which incident, is decided afterwards for all of them alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from codegrey.extract.concepts import Concepts
from codegrey.extract.scene import Scene
from codegrey.extract.statements import Refusal, Statement
from codegrey.model import Span
from codegrey.terms import Iri
from codegrey.vocab import local_name

RECOGNISER = "recogniser"
_STATUS = {"ransomStatus": ("ransom", "Ransom"), "dataStatus": ("data", "Data"), "careStatus": ("impact", "")}


@dataclass(frozen=True, slots=True)
class Weights:
    """Probabilities of the recogniser: below ``veto`` a pattern is refused, from ``accept`` it speaks for itself.

    Chosen on the tune split of the gold and the development corpus (``codegrey evaluate``), not on the unseen one.
    """

    veto: float = 0.05
    accept: float = 0.8


def label_of(concept: Iri, concepts: Concepts) -> str:
    """The recogniser's label of a concept; ``""`` where it knows none."""
    role, name = concepts.role(concept), local_name(concept)
    if role in _STATUS:
        prefix, head = _STATUS[role]
        return f"{prefix}/{name.removeprefix(head)}"
    return f"{role}/{name}" if role in ("attack", "impact", "response", "system") else ""


def combine(
    scene: Scene, predictions: Sequence[Mapping[str, float]], concepts: Concepts, weights: Weights | None = None
) -> Scene:
    """The scene with its statements weighed; ``predictions`` hold one mapping of label to probability a sentence."""
    weights = weights or Weights()
    kept: list[Statement] = []
    refused: list[Refusal] = []
    for statement in scene.statements:
        probability = predictions[statement.sentence].get(label_of(statement.concept, concepts))
        if probability is None:
            kept.append(statement)
        elif probability < weights.veto:
            refused.append(Refusal(statement.concept, statement.sentence, statement.span, statement.rule, "Recogniser"))
        else:
            kept.append(_weighed(statement, probability))
    kept += _added(scene, predictions, concepts, weights)
    order = sorted(kept, key=lambda s: (s.sentence, s.first, s.last, s.concept, s.rule))
    return replace(scene, statements=tuple(order), refusals=(*scene.refusals, *refused))


def _weighed(statement: Statement, probability: float) -> Statement:
    """Two signs of one thing: the confidence grows with the recogniser's, and a shared weak one is no longer weak."""
    confidence = round(statement.confidence * (0.75 + 0.25 * probability) + 0.05 * probability, 3)
    return statement._replace(confidence=min(confidence, 0.97), weak=statement.weak and probability < 0.5)


def _added(
    scene: Scene, predictions: Sequence[Mapping[str, float]], concepts: Concepts, weights: Weights
) -> Iterator[Statement]:
    by_label = {label: concept for concept in concepts.roles if (label := label_of(concept, concepts))}
    said = {(statement.sentence, statement.concept) for statement in scene.statements}
    for sentence, probabilities in zip(scene.document.sentences, predictions, strict=True):
        if "Generic" in scene.effects(sentence.index):
            continue
        for label, probability in sorted(probabilities.items()):
            concept = by_label.get(label)
            if concept is None or probability < weights.accept or (sentence.index, concept) in said:
                continue
            span = Span(sentence.start, sentence.end, scene.document.text[sentence.start : sentence.end])
            size = len(scene.units[sentence.index].units)
            yield Statement(
                concept, sentence.index, 0, size, span, False, round(0.85 * probability, 3), label, {}, RECOGNISER
            )
