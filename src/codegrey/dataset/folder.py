"""The reading side of a dataset folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codegrey.dataset.codec import decode, read_lines, read_values
from codegrey.errors import DatasetError
from codegrey.model import Article, ArticleId, Finding, Report, Severity
from codegrey.terms import Iri

FORMAT = 1
CURRENT = "current"
VERSIONS = "versions"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
STORE = "store"
DUMPS = ("codegrey.nq", "codegrey.trig", "incidents.ttl")
ARTICLES = "articles.jsonl"
REPORTS = "reports.jsonl"
FINDINGS = "findings.jsonl"
ASSIGNMENTS = "assignments.jsonl"
DESCRIPTION = "void.ttl"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of a dataset on disk. It stays the same value when ``current`` moves on.

    ``manifest`` holds ``format``, ``version``, ``base``, ``codegrey`` (version of the program), ``ontology``
    (``iri`` and ``version``), ``counts`` (``quads``, ``articles``, ``reports``, ``incidents``, ``claims``,
    ``findings``), ``graphs`` (quads by graph, relative to the base; those of single articles together as
    ``graph/article/*``) and ``checksums`` (hex SHA-256 by file).
    """

    path: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """The first 16 hex digits of the SHA-256 of ``dump/codegrey.nq``."""
        return str(self.manifest["version"])

    @property
    def base(self) -> str:
        """The namespace of the resources of this dataset."""
        return str(self.manifest["base"])

    @property
    def store_path(self) -> Path:
        """The folder of the Oxigraph store; see :func:`codegrey.store.open_store`."""
        return self.path / STORE

    def dump_path(self, name: str) -> Path:
        """The file of a dump, by one of the names in ``DUMPS``.

        :raises DatasetError: if there is no dump of that name.
        """
        if name not in DUMPS:
            raise DatasetError(f"no dump named {name!r}; there are {', '.join(DUMPS)}")
        return self.path / "dump" / name


def open_dataset(folder: Path) -> Dataset:
    """The current version of a dataset folder, or a version folder itself.

    :raises DatasetError: if there is none, or it is damaged or of another format.
    """
    current = folder / CURRENT
    path = (current if current.exists() else folder).resolve()
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DatasetError(f"no dataset at {folder}; `codegrey build … --out {folder}` makes one") from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"cannot read the manifest of {path}: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise DatasetError(f"{path} is a dataset of another format; build it again with this codegrey")
    if not (path / STORE).is_dir():
        raise DatasetError(f"{path} has no store; build it again")
    return Dataset(path=path, manifest=manifest)


def read_articles(dataset: Dataset) -> Iterator[Article]:
    """The articles that the dataset was built from, by id."""
    return read_values(Article, dataset.path / ARTICLES)


def read_findings(dataset: Dataset) -> Iterator[Finding]:
    """The findings of the build."""
    return read_values(Finding, dataset.path / FINDINGS)


def read_assignments(dataset: Dataset) -> tuple[tuple[str, Iri], ...]:
    """Which IRI each reported incident and organisation got: what the next fusion wants as ``known``."""
    return tuple(read_values(tuple[str, Iri], dataset.path / ASSIGNMENTS))


def read_reports(dataset: Dataset) -> Iterator[Report]:
    """The reports that the dataset was built from, exactly as they were.

    :raises DatasetError: if a report names an article that is not there.
    """
    articles: dict[ArticleId, Article] = {}
    for article in read_articles(dataset):
        articles.setdefault(article.id, article)
    for data in read_lines(dataset.path / REPORTS):
        key = data.get("article")
        if isinstance(key, dict):
            yield decode(Report, data)
        elif key in articles:
            yield replace(decode(Report, {**data, "article": {"id": key, "text": ""}}), article=articles[key])
        else:
            raise DatasetError(f"{dataset.path / REPORTS}: no article {key}")


def verify(dataset: Dataset) -> tuple[Finding, ...]:
    """A finding for each file that is missing or whose bytes are not those of ``SHA256SUMS``."""
    try:
        lines = (dataset.path / SUMS).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return (_damage(SUMS, "missing or unreadable"),)
    pairs = [line.split("  ", 1) for line in lines]
    if any(len(pair) != 2 for pair in pairs):
        return (_damage(SUMS, "not a list of checksums"),)
    found = [(name, digest, _digest(dataset.path / name)) for digest, name in pairs]
    return tuple(
        _damage(name, "missing" if actual is None else "not the bytes that were published")
        for name, digest, actual in found
        if actual != digest
    )


def _digest(path: Path) -> str | None:
    """The hex SHA-256 of a file, or ``None`` if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _damage(name: str, message: str) -> Finding:
    return Finding(Severity.ERROR, "dataset/checksum", message, source=name, hint="build the dataset again")
