"""Every incident against the shapes, on any number of processes, each violation told with the words behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from codegrey.model import Finding, Severity
from codegrey.terms import Iri, Quad, Triple, ntriples
from codegrey.validate.shacl import Shapes, Violation, read_shapes, violations, without_concepts
from codegrey.validate.split import Piece, Words, split
from codegrey.vocab import CG, RDFS

_CHUNK = 20
_CODE = "shacl/"


def validate(
    quads: Iterable[Quad],
    shapes: Shapes,
    ontology: Iterable[Triple],
    *,
    base: str,
    jobs: int = 1,
    only: Collection[Iri] | None = None,
) -> tuple[Finding, ...]:
    """Judge each incident in ``quads`` (asserted graphs: incidents, registry, articles) by itself.

    A violation at the incident, its nodes, claims, articles or victims is an error of the incident; one at another
    body (a responder, an actor) is a warning about that body. ``ontology`` tells kinds apart. The result does not
    depend on ``jobs``.

    :raises OntologyError: if a shape cannot be evaluated.
    """
    triples = tuple(ontology)
    hierarchy = tuple(triple for triple in triples if triple[1] == RDFS["subClassOf"])
    lean = without_concepts(shapes, hierarchy)
    pieces = split(quads, triples, base=base, only=only)
    doubtful = [piece for piece in pieces if not _conforms(piece, lean, hierarchy)]
    if jobs == 1 or len(doubtful) <= _CHUNK:  # too few to be worth a process
        found = [_judge(piece, lean, hierarchy) for piece in doubtful]
    else:
        judge = partial(_judge_chunk, paths=shapes.paths, hierarchy=hierarchy)
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            found = [findings for chunk in pool.map(judge, _chunks(iter(doubtful))) for findings in chunk]
    return tuple(dict.fromkeys(finding for findings in found for finding in findings))


def rejected(findings: Iterable[Finding]) -> frozenset[Iri]:
    """The incidents that SHACL rejects."""
    return frozenset(Iri(f.source) for f in findings if f.severity == Severity.ERROR and f.code.startswith(_CODE))


def _chunks(pieces: Iterator[Piece]) -> Iterator[tuple[Piece, ...]]:
    while chunk := tuple(islice(pieces, _CHUNK)):
        yield chunk


def _judge_chunk(
    chunk: tuple[Piece, ...], *, paths: tuple[Path, ...], hierarchy: tuple[Triple, ...]
) -> list[tuple[Finding, ...]]:
    lean = _lean_shapes(paths, hierarchy)
    return [_judge(piece, lean, hierarchy) for piece in chunk]


@lru_cache(maxsize=1)
def _lean_shapes(paths: tuple[Path, ...], hierarchy: tuple[Triple, ...]) -> Shapes:
    """Read the shapes once a process."""
    return without_concepts(read_shapes(paths), hierarchy)


def _conforms(piece: Piece, shapes: Shapes, hierarchy: tuple[Triple, ...]) -> bool:
    """Whether the screen is sure that nothing is wrong. It is quicker than handing the piece to another process."""
    return shapes.screen((*piece.triples, *hierarchy), piece.own | piece.bodies)


def _judge(piece: Piece, shapes: Shapes, hierarchy: tuple[Triple, ...]) -> tuple[Finding, ...]:
    victims = {o for s, p, o in piece.triples if s == piece.incident and p == CG["victim"]}
    findings = []
    for violation in violations((*piece.triples, *hierarchy), shapes):
        if violation.focus in piece.own or violation.focus in victims:
            findings.append(_finding(violation, piece, piece.incident, Severity.ERROR))
        elif violation.focus in piece.bodies:
            findings.append(_finding(violation, piece, violation.focus, Severity.WARNING))
    return tuple(findings)


def _finding(violation: Violation, piece: Piece, source: Iri, severity: Severity) -> Finding:
    words = min(
        (w for w in piece.words if _rank(violation, w) is not None), key=partial(_order, violation), default=None
    )
    if words is None and source == piece.incident:
        words = min(piece.words, key=lambda w: (w.article, w.start, w.iri), default=None)
    place = [f"article {words.article}, characters {words.start} to {words.end}"] if words else []
    path = [f"{violation.focus.removeprefix(piece.incident) or 'incident'} {violation.path}".strip()]
    return Finding(
        severity,
        _CODE + violation.component,
        violation.message,
        source=source,
        where="; ".join([*place, *path]),
        hint=f"shape {violation.shape}" + (f", value {violation.value}" if violation.value else ""),
        quote=words.exact if words else "",
    )


def _order(violation: Violation, words: Words) -> tuple[int, str, int, Iri]:
    rank = _rank(violation, words)
    return (9 if rank is None else rank, words.article, words.start, words.iri)


def _rank(violation: Violation, words: Words) -> int | None:
    """How near a claim is to a violation, 0 is nearest; ``None`` if it has nothing to do with it."""
    if violation.focus == words.iri or violation.focus.startswith(f"{words.iri}/"):
        return 0
    value = words.object if isinstance(words.object, str) else words.object.lexical
    if violation.focus == words.subject and violation.path == words.predicate:
        return 1 if violation.value == value else 2
    if violation.focus in (words.object, words.subject):
        return 3
    return 4 if violation.path == words.predicate and ntriples(words.object).strip("<>") == violation.value else None
