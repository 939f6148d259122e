"""The learned recogniser: what a sentence states, as probabilities beside the patterns.

A small multilingual sentence embedding (Google's universal sentence encoder, multilingual, in plain numpy; the extra
``codegrey[recogniser]``) and a few hundred frequent words feed one hidden layer that was trained on the sentences in
``data/training`` by ``benchmarks/train_recogniser.py``; long sentences are read clause by clause as well. Labels are
``slot/Concept`` (``impact/DegradedMode``) and ``scope/…``: a label holds where the sentence *states* it as a fact of
some incident; negated, hypothetical, generic and merely intended things are trained to be none. Probabilities are
calibrated on held-out families of sentences.
"""

from __future__ import annotations

import importlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from codegrey.errors import DatasetError, UsageError

FORMAT = 3
BATCH = 256
DECIMALS = 4
LARGEST = 0.85
SCOPE = "scope/"
_WORD = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
_QUOTES = " \"'«»“”.…"

Floats = NDArray[np.float32]


class Embedder(Protocol):
    """Anything that turns n texts into an (n, width) array, each row on its own."""

    def encode(self, texts: list[str]) -> Floats:
        """The embeddings of ``texts``, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Features:
    """An embedding with a few hundred frequent words and word pairs beside it: what little words (*might*, *if*,
    *souvent*, *n'a pas*) do to a sentence, embeddings blur."""

    embedder: Embedder
    words: Mapping[str, int]  # the word or pair to its column, after those of the embedding

    def encode(self, texts: list[str]) -> Floats:
        """n texts → (n, width + words), the latter 0 or 1."""
        present = np.zeros((len(texts), len(self.words)), np.float32)
        for row, text in enumerate(texts):
            columns = [self.words[word] for word in words_and_pairs(text) if word in self.words]
            present[row, columns] = 1
        return np.concatenate([self.embedder.encode(texts), present], axis=1)


def words_and_pairs(text: str) -> frozenset[str]:
    """The folded words of a text and its pairs of neighbours."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    words = _LETTERS.findall(plain)
    return frozenset(words) | {f"{one} {two}" for one, two in pairwise(words)}


@dataclass(frozen=True, slots=True)
class Head:
    """The trained layers: standardise, hidden ReLU layer, logits; then, per label, what to make of them."""

    mean: Floats  # (width,)
    scale: Floats  # (width,), multiplied
    hidden: Floats  # (width, units)
    hidden_bias: Floats  # (units,)
    output: Floats  # (units, labels)
    output_bias: Floats  # (labels,)
    weighing: Floats  # (labels, 3 + scopes), see evidence()

    def logits(self, embeddings: Floats) -> Floats:
        """(n, width) → (n, labels), not calibrated."""
        units = np.maximum((embeddings - self.mean) * self.scale @ self.hidden + self.hidden_bias, 0)
        result: Floats = units @ self.output + self.output_bias
        return result


def evidence(whole: Floats, best: Floats, scopes: Sequence[int]) -> Floats:
    """(n, labels, 3 + scopes): each label's logit in the whole sentence, in its best clause, the whole sentence's
    scope logits (columns ``scopes``), and 1. A clause of "if the phones failed, wards would …" states what the sentence
    does not: hence the scopes.
    """
    n, labels = whole.shape
    shared = np.broadcast_to(whole[:, None, list(scopes)], (n, labels, len(scopes)))
    result: Floats = np.concatenate([whole[..., None], best[..., None], shared, np.ones((n, labels, 1))], axis=2)
    return result.astype(np.float32)


def weigh(facts: Floats, weighing: Floats) -> Floats:
    """What :func:`evidence` gives, times its weights: probabilities, (n, labels)."""
    logits = np.einsum("nlk,lk->nl", facts, weighing)
    result: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return result


def clause_breaks(words: Sequence[str]) -> re.Pattern[str]:
    """Where a sentence falls into clauses: at punctuation and before one of ``words``."""
    before = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return re.compile(r"[,;:.!?()]+\s+|\s+[–—-]\s+" + (rf"|\s+(?=(?:{before})\b)" if before else ""), re.IGNORECASE)


def clauses(sentence: str, breaks: re.Pattern[str]) -> tuple[str, ...]:
    """The clauses of at least three words that are not nearly the whole sentence; none where it is of one piece."""
    parts = [part.strip(_QUOTES) for part in breaks.split(sentence)]
    return tuple(part for part in parts if part.count(" ") >= 2 and len(part) < LARGEST * len(sentence))


@dataclass(frozen=True, slots=True)
class Recogniser:
    """See the module. ``thresholds`` gives for each label the probability from which it held in nine of ten unseen
    sentences; above 1 where no such probability was found, so that the label is never accepted."""

    labels: tuple[str, ...]
    thresholds: Mapping[str, float]
    head: Head
    features: Embedder
    breaks: Mapping[str, re.Pattern[str]]

    def predict(self, sentences: Sequence[str], language: str) -> list[dict[str, float]]:
        """One mapping of label to probability per sentence, the same whatever else is in the batch.

        A ``language`` that has no ``breaks`` is answered too (the embedding knows sixteen), though nothing was
        trained or calibrated on it, and only punctuation parts its clauses.
        """
        breaks = self.breaks.get(language) or clause_breaks(())
        scopes = [index for index, label in enumerate(self.labels) if label.startswith(SCOPE)]
        found: list[dict[str, float]] = []
        for start in range(0, len(sentences), BATCH):
            batch = list(sentences[start : start + BATCH])
            facts = evidence(*read(batch, breaks, self.features, self.head), scopes)
            rows = weigh(facts, self.head.weighing).astype(np.float64).round(DECIMALS)
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


def read(texts: list[str], breaks: re.Pattern[str], features: Embedder, head: Head) -> tuple[Floats, Floats]:
    """The logits of n sentences, and for each label those of the clause where it is strongest: two (n, labels)."""
    parts = [clauses(text, breaks) for text in texts]
    logits = head.logits(features.encode([*texts, *(clause for part in parts for clause in part)]))
    whole, rest = logits[: len(texts)], logits[len(texts) :]
    owner = np.repeat(np.arange(len(texts)), [len(part) for part in parts])
    best = np.full_like(whole, -np.inf)
    np.maximum.at(best, owner, rest)
    return whole, np.where(np.isfinite(best), best, whole)


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
        features=Features(
            embedder or load_embedder(meta["embedding"]["module"], meta["embedding"]["name"]),
            {word: column for column, word in enumerate(meta["words"])},
        ),
        breaks={language: clause_breaks(words) for language, words in meta["breaks"].items()},
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
