"""Names → comparable keys: accents, case, legal forms, word order, abbreviations and languages evened out.

``"l'hôpital de Cahors"``, ``"Centre Hospitalier de Cahors"`` and ``"CH Cahors"`` have one key. What each word is
worth is data: ``ontology/linking.ttl``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from codegrey.errors import OntologyError
from codegrey.registry.load import read_turtle
from codegrey.registry.places import fold
from codegrey.resources import resource
from codegrey.terms import Iri, Literal
from codegrey.vocab import CG, SKOS

FORMS, CODES, ROLE, CLASS = SKOS["hiddenLabel"], SKOS["notation"], CG["partRole"], CG["suggests"]
VAGUE, TOWN, CATEGORY = CG["vague"], CG["ofTown"], CG["registerCategory"]


class Part(StrEnum):
    """What a word of a name is worth."""

    KIND = "kind"
    QUALITY = "quality"
    SYNONYM = "synonym"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Key:
    """A name, ready to be compared.

    ``core`` holds the distinctive words (which one), ``kind`` and ``quality`` the codes of the others (what);
    ``words`` is the folded name as written.
    """

    words: str
    core: tuple[str, ...]
    kind: frozenset[str]
    quality: frozenset[str]
    town: bool = False  # it begins by saying that it is the public hospital of a town

    @property
    def bag(self) -> tuple[str, ...]:
        """Every word and code that counts, sorted: equal for names that say the same."""
        return tuple(sorted({*self.core, *self.kind, *self.quality}))


@dataclass(frozen=True, slots=True)
class NameParts:
    """The table of ``ontology/linking.ttl``: word sequence → (codes, role)."""

    forms: Mapping[tuple[str, ...], tuple[tuple[str, ...], Part]] = field(default_factory=dict)
    longest: int = 0
    towns: frozenset[tuple[str, ...]] = frozenset()  # the forms that say: the public hospital of a town
    vague: frozenset[str] = frozenset()  # kinds that say nothing beside another one (a centre)
    categories: Mapping[str, Iri] = field(default_factory=dict)  # a register's own category → class
    classes: tuple[tuple[frozenset[str], Iri], ...] = ()  # codes → the class that they suggest, the rarest class first

    def key(self, name: str) -> Key:
        """The key of a name as written."""
        words = [part for word in fold(name).split() for part in self._split(word)]
        core: list[str] = []
        codes: dict[Part, set[str]] = {part: set() for part in Part}
        start, town = 0, False
        while start < len(words):
            size, signs, part = self._longest(words, start)
            town = town or (start == 0 and tuple(words[:size]) in self.towns)
            if part is Part.SYNONYM:
                core.extend(signs)
            else:
                codes[part].update(signs)
            start += size
        kind = codes[Part.KIND]
        if len(kind) > 1:
            kind -= self.vague
        quality = {code for code in codes[Part.QUALITY] if code not in kind}
        return Key(" ".join(words), tuple(dict.fromkeys(core)), frozenset(kind), frozenset(quality), town)

    def _split(self, word: str) -> tuple[str, ...]:
        """A German or Dutch compound in two: "lukaskrankenhaus" is "lukas krankenhaus"."""
        if len(word) >= 9 and (word,) not in self.forms:
            for size in range(4, len(word) - 4):
                tail = self.forms.get((word[size:],))
                if tail and tail[1] is Part.KIND:
                    return word[:size], word[size:]
        return (word,)

    def suggest(self, key: Key) -> Iri | None:
        """The class of a body of this name, as far as the name says."""
        return next((kind for codes, kind in self.classes if codes <= key.kind), None)

    def _longest(self, words: list[str], start: int) -> tuple[int, tuple[str, ...], Part]:
        for size in range(min(self.longest, len(words) - start), 0, -1):
            found = self.forms.get(tuple(words[start : start + size]))
            if found:
                return size, *found
        return 1, (words[start],), Part.SYNONYM


def load_name_parts(path: Path | None = None) -> NameParts:
    """Read ``ontology/linking.ttl``.

    :raises OntologyError: if a part has no role or one that is unknown.
    """
    source = path or resource("ontology", "linking.ttl")
    about: dict[Iri, dict[Iri, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in read_turtle(source):
        about[subject][predicate].append(value.lexical if isinstance(value, Literal) else value)
    forms: dict[tuple[str, ...], tuple[tuple[str, ...], Part]] = {}
    classes: list[tuple[frozenset[str], Iri]] = []
    categories = {name: Iri(kind) for facts in about.values() for name in facts[CATEGORY] for kind in facts[CLASS]}
    for subject, facts in about.items():
        if ROLE in facts:
            part = _role(subject, facts[ROLE])
            codes = tuple(" ".join(facts[CODES]).split())
            forms.update({tuple(form.split()): (codes, part) for form in facts[FORMS]})
            classes += [(frozenset(codes), Iri(kind)) for kind in facts[CLASS]]
    spread = Counter(kind for _, kind in classes)
    classes.sort(key=lambda pair: (spread[pair[1]], -len(pair[0]), sorted(pair[0])))
    vague = frozenset(code for s, facts in about.items() if facts.get(VAGUE) == ["true"] for code in facts[CODES])
    towns = frozenset(
        tuple(form.split()) for facts in about.values() if facts.get(TOWN) == ["true"] for form in facts[FORMS]
    )
    return NameParts(forms, max(map(len, forms), default=0), towns, vague, categories, tuple(classes))


def _role(subject: Iri, roles: Iterable[str]) -> Part:
    for role in roles:
        if role in set(Part):
            return Part(role)
    raise OntologyError(f"linking.ttl: <{subject}> has no role of {', '.join(Part)}")


@lru_cache(maxsize=1)
def name_parts() -> NameParts:
    """The table that ships with codegrey, read once."""
    return load_name_parts()
