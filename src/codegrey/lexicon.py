"""How concepts are said in one language: ``ontology/lexicon/<lang>.ttl``, compiled once.

The file is RDF (prefix ``lex:`` = ``https://w3id.org/codegrey/lexicon#``), so that a language or a phrase is data:

``lex:WordSet``      ``lex:name`` and ``lex:words``: a list that patterns name as ``<name>``
``lex:Values``       ``lex:name`` and ``lex:value "word=code"``: months, weekdays, numerals, scales, currencies …
``lex:Entry``        ``lex:means`` a concept of the ontology; ``lex:pattern`` and ``lex:weakPattern`` say it
``lex:Cue``          ``lex:cue`` what it does to a statement, ``lex:pattern``, ``lex:side``, ``lex:reach``
``lex:DatePattern``  ``lex:reads`` how the captures make a date, ``lex:pattern``
``lex:NameHead``     ``lex:head`` (a regular expression), ``lex:kind`` a class, ``lex:side`` where the name stands
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from codegrey.errors import OntologyError
from codegrey.notation import Compiler, Pattern
from codegrey.resources import resource
from codegrey.terms import Iri
from codegrey.text import Analyser, fold, plain

LEX = "https://w3id.org/codegrey/lexicon#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

_NONE: frozenset[str] = frozenset()
_NUMERIC = ("numeral", "proportion", "currency")

Properties = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to say one concept. A weak one is believed only beside a stronger sign of the same incident."""

    concept: Iri
    pattern: Pattern
    weak: bool
    ignores: frozenset[str]  # local names of the cues that do not touch it


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that turn a statement near them: ``effect`` is Negation, Hedge, Hypothesis, Generic, Past …

    ``side`` is where the cue stands: ``before``, ``after`` or ``both``; ``reach`` the units that it reaches over.
    """

    effect: str
    pattern: Pattern
    side: str
    reach: int


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A way to write a date; ``reads`` names the reading of its captures (see ``codegrey.extract.dates``)."""

    reads: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class NameHead:
    """A word that makes a name the name of an organisation, such as ``centre hospitalier`` or ``Medical Center``."""

    regex: str
    kind: Iri
    side: str  # "first": the head stands before the name; "last": behind it; "whole": it is all of the name


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lexicon of one language."""

    language: str
    analyser: Analyser
    skipped: frozenset[str]
    sets: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]]  # name → folded word → code
    entries: tuple[Entry, ...]
    cues: tuple[Cue, ...]
    dates: tuple[DatePattern, ...]
    heads: tuple[NameHead, ...]
    folded: dict[str, frozenset[str]]  # the sets, folded
    numeric: frozenset[str]  # folded words with which an amount may begin

    def words(self, name: str) -> frozenset[str]:
        """The folded members of a word set; empty where the language has none of that name."""
        return self.folded.get(name, _NONE)

    def value(self, name: str, word: str) -> str | None:
        """The code of a folded word in a table of values."""
        return self.values.get(name, {}).get(word)


def lexicon_languages(folder: Path | None = None) -> tuple[str, ...]:
    """The languages that have a lexicon, sorted."""
    return tuple(sorted(path.stem for path in (folder or resource("ontology", "lexicon")).glob("*.ttl")))


def load_lexicon(language: str, folder: Path | None = None) -> Lexicon:
    """Read and compile the lexicon of a language.

    :raises OntologyError: if there is none, or it is malformed: the file, the entry and the reason are named.
    """
    path = (folder or resource("ontology", "lexicon")) / f"{language}.ttl"
    nodes = _read(path)
    try:
        return _compile(language, nodes)
    except (OntologyError, re.error, ValueError) as error:
        raise OntologyError(f"{path.name}: {error}") from error


@dataclass(frozen=True, slots=True)
class Readings:
    """What becomes of a concept that is negated, hedged or beside another (``ontology/grammar/readings.ttl``)."""

    negated: dict[Iri, Iri]
    hedged: dict[Iri, Iri]
    suppresses: dict[Iri, frozenset[Iri]]  # where the words of both overlap
    subsumes: dict[Iri, frozenset[Iri]]  # where an incident has both


def load_readings(path: Path | None = None) -> Readings:
    """Read the table of readings.

    :raises OntologyError: if it is missing or malformed.
    """
    nodes = _read(path or resource("ontology", "grammar", "readings.ttl"))
    negated, hedged = (
        {Iri(iri): Iri(p[name][0]) for iri, p in nodes.items() if name in p} for name in ("whenNegated", "whenHedged")
    )
    suppresses, subsumes = (
        {Iri(iri): frozenset(map(Iri, p[name])) for iri, p in nodes.items() if name in p}
        for name in ("suppresses", "subsumes")
    )
    return Readings(negated, hedged, suppresses, subsumes)


def load_names(path: Path | None = None) -> Lexicon:
    """Read the grammar of organisations' names, which serves every language.

    :raises OntologyError: if it is missing or malformed.
    """
    file = path or resource("ontology", "grammar", "names.ttl")
    return load_lexicon(file.stem, file.parent)


def _read(path: Path) -> dict[str, Properties]:
    if not path.is_file():
        raise OntologyError(f"no lexicon for {path.stem!r}: there is no file {path.name} in {path.parent.name}/")
    nodes: dict[str, Properties] = defaultdict(lambda: defaultdict(list))
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            subject, value = quad.subject, quad.object
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
                nodes[subject.value][quad.predicate.value.removeprefix(LEX)].append(value.value)
    except SyntaxError as error:
        raise OntologyError(f"{path.name}: not Turtle: {error}") from error
    return nodes


def _compile(language: str, nodes: dict[str, Properties]) -> Lexicon:
    analyser = Analyser(language)
    sets = {p["name"][0]: tuple(p["words"]) for p in _of(nodes, "WordSet")}
    skipped = frozenset(plain(word) for word in sets.get("skipped", ()))
    values = {p["name"][0]: dict(_pair(item) for item in p["value"]) for p in _of(nodes, "Values")}
    compiler = Compiler(analyser.word, skipped, sets)
    return Lexicon(
        language=language,
        analyser=analyser,
        skipped=skipped,
        sets=sets,
        values=values,
        entries=tuple(_entries(nodes, compiler)),
        cues=tuple(
            Cue(_local(p["cue"][0]), compiler.compile(source), _one(p, "side", "before"), int(_one(p, "reach", "8")))
            for p in _of(nodes, "Cue")
            for source in sorted(p["pattern"])
        ),
        dates=tuple(
            DatePattern(p["reads"][0], compiler.compile(source))
            for p in _of(nodes, "DatePattern")
            for source in sorted(p["pattern"])
        ),
        folded={name: frozenset(fold(word) for word in words) for name, words in sets.items()},
        numeric=frozenset(word for name in _NUMERIC for word in values.get(name, ()))
        | frozenset(fold(word) for word in sets.get("scale-start", ())),
        heads=tuple(
            NameHead(regex, Iri(p["kind"][0]), _one(p, "side", "first"))
            for p in _of(nodes, "NameHead")
            for regex in sorted(p["head"])
        ),
    )


def _entries(nodes: dict[str, Properties], compiler: Compiler) -> Iterator[Entry]:
    for p in _of(nodes, "Entry"):
        ignores = frozenset(_local(cue) for cue in p.get("ignores", ()))
        for concept in sorted(p["means"]):
            for name, weak in (("pattern", False), ("weakPattern", True)):
                for source in sorted(p.get(name, ())):
                    yield Entry(Iri(concept), compiler.compile(source), weak, ignores)


def _of(nodes: dict[str, Properties], kind: str) -> Iterator[Properties]:
    for iri in sorted(nodes):
        if LEX + kind in nodes[iri].get(TYPE, ()):
            yield nodes[iri]


def _pair(item: str) -> tuple[str, str]:
    word, _, code = item.rpartition("=")
    if not word:
        raise OntologyError(f"value {item!r} is not of the form word=code")
    return fold(word), code


def _one(properties: Properties, name: str, default: str) -> str:
    return properties.get(name, [default])[0]


def _local(iri: str) -> str:
    return iri.removeprefix(LEX)
