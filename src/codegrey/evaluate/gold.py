"""A folder of annotated articles, its splits, and the hash that says whether it is still the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegrey.errors import DataError
from codegrey.importers import SUFFIXES

TUNED = "tune"
"""The split that may be read. The others are measured only: with their errors listed they would not be unseen."""

SPLITS_FILE, FLOORS_FILE = "splits.json", "floors.json"
_NO_SPLIT = "all"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Annotated articles. ``splits`` names the articles of each split; a folder without splits has one, ``all``.

    ``digest`` is the SHA-256 over annotations, splits and articles: figures of two corpora cannot be compared.
    """

    folder: Path
    files: Mapping[str, Path]  # the article of each annotation
    gold: Mapping[str, Mapping[str, Any]]
    splits: Mapping[str, tuple[str, ...]]
    digest: str

    def may_be_read(self, split: str) -> bool:
        """Whether the errors of a split may be listed: those of articles to tune on, or of a folder without splits."""
        return split == TUNED or tuple(self.splits) == (_NO_SPLIT,)

    def of(self, split: str, language: str | None = None) -> dict[str, Mapping[str, Any]]:
        """The annotations of a split (``all``: every one), or those of it in one language.

        :raises DataError: if there is no such split.
        """
        if split != _NO_SPLIT and split not in self.splits:
            raise DataError(f"no split named {split}: there are {', '.join([*self.splits, _NO_SPLIT])}")
        names = self.splits.get(split, tuple(self.gold))
        return {n: self.gold[n] for n in names if language is None or self.gold[n].get("language") == language}


def load_corpus(folder: Path, articles: Path | None = None) -> Corpus:
    """Read a folder of annotations; its articles lie in ``articles`` below it, or else in the folder above it.

    :raises DataError: if there are no annotations, one is no JSON, or an article that one or a split names is missing.
    """
    gold = load_gold(folder)
    splits = _load_splits(folder, gold)
    where = articles or (folder / "articles" if (folder / "articles").is_dir() else folder.parent)
    files = _find_articles(where, gold)
    return Corpus(folder, files, gold, splits, _digest(folder, files))


def load_gold(folder: Path) -> dict[str, dict[str, Any]]:
    """The annotations of a folder by article name: every JSON object that has an ``id``.

    :raises DataError: if the folder holds none, or one is not JSON.
    """
    read = {path.stem: read_json(path) for path in sorted(folder.glob("*.json"))}
    gold = {name: data for name, data in read.items() if "id" in data}
    if not gold:
        raise DataError(f"no annotations in {folder}: expected one JSON file an article")
    return gold


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    :raises DataError: if it is none.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: not JSON: {error}") from error
    if not isinstance(data, dict):
        raise DataError(f"{path.name}: expected a JSON object")
    return data


def _load_splits(folder: Path, gold: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    path = folder / SPLITS_FILE
    if not path.exists():
        return {_NO_SPLIT: tuple(gold)}
    listed = {name: tuple(names) for name, names in read_json(path).items() if name != "incidents"}
    unknown = {name for names in listed.values() for name in names} - set(gold)
    if unknown:
        raise DataError(f"{SPLITS_FILE} names {', '.join(sorted(unknown))}, of which there is no annotation")
    return listed


def _find_articles(folder: Path, gold: Mapping[str, object]) -> dict[str, Path]:
    found = {path.stem: path for path in sorted(folder.glob("*.*")) if path.suffix in SUFFIXES}
    missing = [name for name in gold if name not in found]
    if missing:
        raise DataError(f"no article in {folder} for the annotation of {', '.join(missing)}")
    return {name: found[name] for name in gold}


def _digest(folder: Path, files: Mapping[str, Path]) -> str:
    """Names, lengths and bytes of all files that the figures depend on, in the order of their names."""
    paths = [folder / f"{name}.json" for name in sorted(files)] + [files[name] for name in sorted(files)]
    if (folder / SPLITS_FILE).exists():
        paths.append(folder / SPLITS_FILE)
    digest = hashlib.sha256()
    for path in paths:
        data = path.read_bytes()
        digest.update(f"{path.name}\n{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()
