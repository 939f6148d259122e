"""Read ``data/training``: families of sentences, their readings, and the frames they are put in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

READINGS = 5
ASSERTED = frozenset({"actual", "past-other"})
_CHOICE = re.compile(r"\{([^{}]*)\}")
_MARKS = re.compile(r"\[([^\]]*)\]\s*(.*)")


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence. ``family`` is shared by its readings; ``labels`` hold for asserted scopes only."""

    text: str
    language: str
    family: str
    scope: str
    labels: frozenset[str]

    @property
    def asserted(self) -> frozenset[str]:
        """The labels that the sentence states as fact, with its scope as one more label."""
        stated = self.labels if self.scope in ASSERTED else frozenset[str]()
        return stated | {f"scope/{self.scope}"}


def stable_hash(text: str) -> int:
    """The same integer for the same text on every machine and run."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def readings(template: str, limit: int = READINGS) -> tuple[str, ...]:
    """Up to ``limit`` different readings of ``a {b|c} d``; every alternative is met as early as can be."""
    parts = _CHOICE.split(template)
    choices = [part.split("|") for part in parts[1::2]]
    starts = [stable_hash(f"{template}:{index}") for index in range(len(choices))]
    found: dict[str, None] = {}
    for turn in range(limit * 3):
        text = parts[0]
        for index, options in enumerate(choices):
            step = turn if index % 2 == 0 else turn + turn // len(options)
            text += options[(starts[index] + step) % len(options)] + parts[2 * index + 2]
        found.setdefault(tidy(text))
        if len(found) == limit:
            break
    return tuple(found)


def tidy(text: str) -> str:
    """One space at most, none before a comma or full stop."""
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\s+([,.;](?:\s|$))", r"\1", text).strip()


def read_labels(root: Path) -> tuple[str, ...]:
    """The names in ``labels.txt``, in their order: the columns of the model."""
    return tuple((root / "labels.txt").read_text(encoding="utf-8").split())


def read_examples(root: Path) -> tuple[Example, ...]:
    """All sentences below ``root``.

    :raises ValueError: on a label or scope that ``labels.txt`` does not have.
    """
    names = {name.rpartition("/")[2]: name for name in read_labels(root)}
    examples: list[Example] = []
    for path in sorted(root.glob("*/*.txt")):
        if path.stem not in {"carriers", "breaks", "also"}:
            examples.extend(_read_file(path, names))
    return tuple(examples)


def _read_file(path: Path, names: dict[str, str]) -> list[Example]:
    examples: list[Example] = []
    also = _read_also(path.with_name("also.txt"), names)
    scope, labels = "", frozenset[str]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("@"):
            scope, *words = line[1:].split()
            labels = frozenset(words)
            continue
        marks = _MARKS.fullmatch(line)
        words = marks[1].split() if marks else []
        here = next((word[1:] for word in words if word.startswith("!")), scope)
        own = labels | {word.lstrip("+") for word in words if not word.startswith("!")}
        if unknown := (own | {here}) - names.keys():
            raise ValueError(f"{path}:{number}: unknown {sorted(unknown)}")
        family = f"{path.parent.name}/{path.stem}/{stable_hash(line) % 16**8:08x}"
        full = frozenset(names[word] for word in own)
        template = marks[2] if marks else line
        for text in readings(template):
            found = full
            for label, given, pattern in also:
                if given & found and pattern.search(text):
                    found |= {label}
            examples.append(Example(text, path.parent.name, family, here, found))
    return examples


def read_carriers(root: Path, language: str) -> tuple[str, ...]:
    """The readings of the frames of one language, each with one ``…``."""
    lines = (root / language / "carriers.txt").read_text(encoding="utf-8").splitlines()
    return tuple(text for line in lines if line and not line.startswith("#") for text in readings(line))


def _read_also(path: Path, names: dict[str, str]) -> list[tuple[str, frozenset[str], re.Pattern[str]]]:
    rules = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            label, given, pattern = re.split(r" [<:] ", line, maxsplit=2)
            rules.append(
                (names[label], frozenset(names[word] for word in given.split()), re.compile(pattern, re.IGNORECASE))
            )
    return rules


def read_breaks(root: Path, language: str) -> tuple[str, ...]:
    """The words of one language before which a sentence may fall into clauses."""
    return tuple((root / language / "breaks.txt").read_text(encoding="utf-8").splitlines())


def carried(sentence: str, carrier: str) -> str:
    """The sentence inside the frame: lower-cased after its start and without its full stop."""
    body = sentence.rstrip(" .")
    if not carrier.startswith("…") and (body[1:2].islower() or body[1:2] in {"'", " "}):
        body = body[0].lower() + body[1:]
    return tidy(carrier.replace("…", body))
