"""The writing side: build a version aside, check it, switch to it in one rename.

A crash at any line leaves ``current`` where it was; what it left behind is swept by the next writer. One writer at
a time holds the lock of the folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from codegrey import __version__
from codegrey.dataset.codec import decode, encode, lines
from codegrey.dataset.description import Census, describe, release, take_census
from codegrey.dataset.folder import (
    ARTICLES,
    CURRENT,
    DESCRIPTION,
    FINDINGS,
    FORMAT,
    MANIFEST,
    REPORTS,
    STORE,
    SUMS,
    VERSIONS,
    Dataset,
    open_dataset,
    verify,
)
from codegrey.dump import nquads, trig, turtle, write
from codegrey.errors import DatasetError
from codegrey.model import Article, Finding, Report
from codegrey.resources import resource
from codegrey.settings import Settings
from codegrey.store import build_store
from codegrey.terms import Iri, Literal, Quad, Term, Triple
from codegrey.vocab import CG, OWL, TYPE

HISTORY = "history"
_LOCK = ".lock"
_ASIDE = ".new-"
_MEDIA = {
    "dump/codegrey.nq": "application/n-quads",
    "dump/codegrey.trig": "application/trig",
    "dump/incidents.ttl": "text/turtle",
}


def publish(
    folder: Path,
    quads: Iterable[Quad],
    *,
    articles: Iterable[Article] = (),
    reports: Iterable[Report] = (),
    findings: Iterable[Finding] = (),
    settings: Settings | None = None,
    keep: int = 3,
) -> Dataset:
    """Write a version from ``quads`` (all graphs but graph/dataset, which is written here) and make it current.

    The last ``keep`` versions stay. The same content published again is the version that is already there.

    :raises DatasetError: if the folder cannot be written, another process is writing, or the check fails.
    """
    settings = settings or Settings()
    try:
        (folder / VERSIONS).mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _sweep(folder)
            aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder / VERSIONS))
            sources = _Sources(tuple(articles), tuple(reports), tuple(findings))
            _fill(aside, set(quads), sources, settings.base)
            name = _settle(folder / VERSIONS, aside)
            _switch(folder, name)
            _forget(folder, keep)
    except OSError as error:
        raise DatasetError(f"cannot write the dataset at {folder}: {error}") from error
    return open_dataset(folder)


def prune(folder: Path, keep: int) -> tuple[str, ...]:
    """Delete all but the last ``keep`` versions (the current one always stays); return the names of those deleted.

    :raises DatasetError: if the folder cannot be written or another process is writing.
    """
    open_dataset(folder)
    try:
        with _locked(folder):
            _sweep(folder)
            return _forget(folder, keep)
    except OSError as error:
        raise DatasetError(f"cannot prune the dataset at {folder}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a build was made from and what it remarked."""

    articles: tuple[Article, ...]
    reports: tuple[Report, ...]
    findings: tuple[Finding, ...]


def _fill(aside: Path, quads: set[Quad], sources: _Sources, base: str) -> None:
    """Write every file of a version, its checksums last, and check the store against the dump."""
    census = take_census(quads, base)
    description = describe(census, base, _about())
    graph = Iri(base + "graph/dataset")
    quads |= {(*triple, graph) for triple in description}
    sums = _write_dumps(aside, quads, base)
    version = sums["dump/codegrey.nq"][:16]
    words = turtle((*description, *release(base, version, _MEDIA)), base=base)
    sums[DESCRIPTION] = write(aside / DESCRIPTION, words)
    sums |= _write_sources(aside, sources)
    stored = build_store(aside / STORE, aside / "dump" / "codegrey.nq")
    if stored != len(quads):
        raise DatasetError(f"the store holds {stored} quads where the dump has {len(quads)}")
    manifest = {
        "format": FORMAT,
        "version": version,
        "base": base,
        "codegrey": __version__,
        "ontology": _ontology(quads, base),
        "counts": _counts(census, len(quads), sources),
        "graphs": {**census.graphs, "graph/dataset": len(description)},
        "checksums": dict(sorted(sums.items())),
    }
    sums[MANIFEST] = write(aside / MANIFEST, [json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True), "\n"])
    write(aside / SUMS, (f"{digest}  {name}\n" for name, digest in sorted(sums.items())))


def _write_dumps(aside: Path, quads: set[Quad], base: str) -> dict[str, str]:
    """Write the dumps and return their checksums by path."""
    (aside / "dump").mkdir()
    texts = {
        "dump/codegrey.nq": nquads(quads),
        "dump/codegrey.trig": trig(quads, base=base),
        "dump/incidents.ttl": turtle(_incident_triples(quads, base), base=base),
    }
    return {name: write(aside / name, pieces) for name, pieces in texts.items()}


def _incident_triples(quads: set[Quad], base: str) -> list[Triple]:
    """The fused facts, and what the registry says of the things that they name."""
    incidents, registry = Iri(base + "graph/incidents"), Iri(base + "graph/registry")
    facts = [(s, p, o) for s, p, o, g in quads if g == incidents]
    named = {o for _, _, o in facts}
    return facts + [(s, p, o) for s, p, o, g in quads if g == registry and s in named]


def _write_sources(aside: Path, sources: _Sources) -> dict[str, str]:
    """Write articles, reports and findings and return their checksums by path."""
    rows = lines(Article, (*sources.articles, *(report.article for report in sources.reports)))
    known: dict[str, Article] = {}
    for row in rows:  # the first line of an id is the one that a report may name
        article = decode(Article, json.loads(row))
        known.setdefault(article.id, article)
    return {
        ARTICLES: write(aside / ARTICLES, rows),
        REPORTS: write(aside / REPORTS, sorted({_report_line(report, known) for report in sources.reports})),
        FINDINGS: write(aside / FINDINGS, lines(Finding, sources.findings)),
    }


def _report_line(report: Report, known: Mapping[str, Article]) -> str:
    """A report as one line, its article by id, or whole where two articles share an id."""
    data = encode(Report, report)
    if known[report.article.id] == report.article:
        data["article"] = report.article.id
    return json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"


def _counts(census: Census, quads: int, sources: _Sources) -> dict[str, int]:
    return {
        "quads": quads,
        "articles": len({a.id for a in (*sources.articles, *(report.article for report in sources.reports))}),
        "reports": len(sources.reports),
        "findings": len(sources.findings),
        "incidents": census.classes.get(CG["Incident"], 0),
        "claims": census.classes.get(CG["Claim"], 0),
    }


def _about() -> list[Triple]:
    """The words that describe every dataset: ``ontology/dataset.ttl``, if there is one."""
    path = resource("ontology", "dataset.ttl")
    if not path.is_file():
        return []
    rows: list[Triple] = []
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode):
            rows += [(Iri(quad.subject.value), Iri(quad.predicate.value), o) for o in _plain(quad.object)]
    return rows


def _plain(term: object) -> list[Term]:
    if isinstance(term, ox.NamedNode):
        return [Iri(term.value)]
    if isinstance(term, ox.Literal):
        return [Literal(term.value, Iri(term.datatype.value), term.language or "")]
    return []


def _ontology(quads: set[Quad], base: str) -> dict[str, str]:
    """IRI and version of the ontology that stands in graph/ontology (of the first one, if there are several)."""
    graph = Iri(base + "graph/ontology")
    header = sorted(s for s, p, o, g in quads if g == graph and p == TYPE and o == OWL["Ontology"])
    if not header:
        return {"iri": "", "version": ""}
    own = next((s for s in header if CG.startswith(s)), header[0])
    versions = {p: str(getattr(o, "lexical", o)) for s, p, o, g in quads if s == own and g == graph}
    return {"iri": own, "version": versions.get(OWL["versionInfo"], versions.get(OWL["versionIRI"], ""))}


def _settle(versions: Path, aside: Path) -> str:
    """Give the new version its name; the same version, if it is there already, is used again."""
    digest = hashlib.sha256((aside / SUMS).read_bytes()).hexdigest()
    version = json.loads((aside / MANIFEST).read_text(encoding="utf-8"))["version"]
    _sync(aside)
    for name in (version, f"{version}-{digest[:8]}"):
        place = versions / name
        if not place.exists():
            aside.chmod(0o755)
            aside.rename(place)
            _sync(versions)
            return str(name)
        if not verify(Dataset(place, {})) and (place / SUMS).read_bytes() == (aside / SUMS).read_bytes():
            shutil.rmtree(aside)
            return str(name)
    raise DatasetError(f"{versions / version} is damaged; delete it, or build into another folder")


def _switch(folder: Path, name: str) -> None:
    """Note the version in the history, then point ``current`` at it: one rename."""
    names = [old for old in _history(folder) if old != name] + [name]
    _replace(folder / HISTORY, lambda path: path.write_text("".join(f"{n}\n" for n in names), encoding="ascii"))
    _replace(folder / CURRENT, lambda path: path.symlink_to(Path(VERSIONS) / name))
    _sync(folder)


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    aside = path.with_name(f"{_ASIDE}{path.name}")
    aside.unlink(missing_ok=True)
    make(aside)
    aside.replace(path)


def _history(folder: Path) -> list[str]:
    """Names of the versions that are there, the newest last."""
    path = folder / HISTORY
    names = path.read_text(encoding="ascii").split() if path.exists() else []
    return [name for name in names if (folder / VERSIONS / name).is_dir()]


def _forget(folder: Path, keep: int) -> tuple[str, ...]:
    names = _history(folder)
    current = (folder / CURRENT).resolve().name
    old = tuple(name for name in names[: max(0, len(names) - keep)] if name != current)
    for name in old:
        shutil.rmtree(folder / VERSIONS / name)
    return old


def _sweep(folder: Path) -> None:
    """Remove what a writer that died left behind; the lock says that no other is at work."""
    for path in (folder / VERSIONS).glob(f"{_ASIDE}*"):
        shutil.rmtree(path)


def _sync(folder: Path) -> None:
    """Force a folder's entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. It goes with the process, however that ends."""
    with (folder / _LOCK).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatasetError(f"another process is writing to {folder}") from error
        yield
