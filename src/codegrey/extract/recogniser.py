"""The learned recogniser: what a sentence states, as probabilities beside the patterns.

A small multilingual sentence embedding (Google's universal sentence encoder, multilingual, in plain numpy; the extra
``codegrey[recogniser]``) feeds one hidden layer that was trained on the sentences in ``data/training`` by
``benchmarks/train_recogniser.py``. Labels are ``slot/Concept`` (``impact/DegradedMode``) and ``scope/…``: a label holds
where the sentence *states* it as a fact of some incident; negated, hypothetical, generic and merely intended things
are trained to be none. Probabilities are calibrated on held-out families of sentences.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from codegrey.errors import DatasetError, UsageError

FORMAT = 1
BATCH = 256
DECIMALS = 4
_WORD = re.compile(r"\S+")

Floats = NDArray[np.float32]


class Embedder(Protocol):
    """Anything that turns n texts into an (n, width) array, each row on its own."""

    def encode(self, texts: list[str]) -> Floats:
        """The embeddings of ``texts``, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """The trained layer: standardise, hidden ReLU layer, logits, then one line per label that calibrates them."""

    mean: Floats  # (width,)
    scale: Floats  # (width,), multiplied
    hidden: Floats  # (width, units)
    hidden_bias: Floats  # (units,)
    output: Floats  # (units, labels)
    output_bias: Floats  # (labels,)
    slope: Floats  # (labels,)
    offset: Floats  # (labels,)

    def probabilities(self, embeddings: Floats) -> Floats:
        """(n, width) → (n, labels) between 0 and 1."""
        units = np.maximum((embeddings - self.mean) * self.scale @ self.hidden + self.hidden_bias, 0)
        logits = (units @ self.output + self.output_bias) * self.slope + self.offset
        result: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        return result


@dataclass(frozen=True, slots=True)
class Recogniser:
    """See the module. ``thresholds`` gives for each label the probability from which it held in nine of ten unseen
    sentences; above 1 where no such probability was found, so that the label is never accepted."""

    labels: tuple[str, ...]
    thresholds: Mapping[str, float]
    head: Head
    embedder: Embedder
    languages: frozenset[str]

    def predict(self, sentences: Sequence[str], language: str) -> list[dict[str, float]]:
        """One mapping of label to probability per sentence, the same whatever else is in the batch.

        ``language`` outside ``languages`` is answered too (the embedding knows sixteen), though nothing was
        trained or calibrated on it.
        """
        del language
        found: list[dict[str, float]] = []
        for start in range(0, len(sentences), BATCH):
            batch = list(sentences[start : start + BATCH])
            rows = self.head.probabilities(self.embedder.encode(batch)).astype(np.float64).round(DECIMALS)
            found.extend(dict(zip(self.labels, row, strict=True)) for row in rows.tolist())
        return found

    def accepted(self, probabilities: Mapping[str, float]) -> dict[str, float]:
        """The labels that reach their threshold."""
        return {label: value for label, value in probabilities.items() if value >= self.thresholds[label]}

    def explain(self, sentence: str, language: str, label: str, *, limit: int = 5) -> tuple[tuple[str, float], ...]:
        """The words without which ``label`` would be less probable, the weightiest first.

        Each word is left out in turn: one embedding per word, so for reading, not for bulk.
        """
        words = list(_WORD.finditer(sentence))
        without = [sentence[: word.start()] + sentence[word.end() :] for word in words]
        whole, *rest = (row[label] for row in self.predict([sentence, *without], language))
        drops = [(word[0], round(whole - value, DECIMALS)) for word, value in zip(words, rest, strict=True)]
        kept = sorted((drop for drop in drops if drop[1] > 0), key=lambda drop: (-drop[1], drop[0]))
        return tuple(kept[:limit])


def load_recogniser(path: Path, *, embedder: Embedder | None = None) -> Recogniser:
    """Read an artefact of ``benchmarks/train_recogniser.py``.

    :param embedder: instead of the one that the artefact names.
    :raises DatasetError: if the file is missing or is no such artefact.
    :raises UsageError: if the embedding's package is not installed.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            meta = json.loads(arrays["meta"].tobytes())
            head = Head(*(arrays[name].astype(np.float32) for name in Head.__slots__))
    except (OSError, BadZipFile, KeyError, ValueError) as error:
        raise DatasetError(f"{path} is no recogniser: {error}") from error
    if meta["format"] != FORMAT:
        raise DatasetError(f"{path} has format {meta['format']}, this version reads {FORMAT}")
    return Recogniser(
        labels=tuple(meta["labels"]),
        thresholds=dict(zip(meta["labels"], meta["thresholds"], strict=True)),
        head=head,
        embedder=embedder or load_embedder(meta["embedding"]["module"], meta["embedding"]["name"]),
        languages=frozenset(meta["languages"]),
    )


def load_embedder(module: str, name: str) -> Embedder:
    """The embedding ``name`` of the package ``module``, on one thread so that its floats do not depend on their number.

    :raises UsageError: if the package is not installed.
    """
    try:
        package = importlib.import_module(module)
    except ImportError as error:
        raise UsageError(f"the recogniser needs {module}: pip install 'codegrey[recogniser]'") from error
    embedder: Embedder = getattr(package, name)(threads=1)
    return embedder
