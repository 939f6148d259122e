"""What fusion reads from ``ontology/``: how each property's value is chosen, and how incidents are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from codegrey.errors import OntologyError
from codegrey.registry.load import read_turtle
from codegrey.resources import resource
from codegrey.terms import Iri, Literal
from codegrey.vocab import CG, local_name


class Choice(StrEnum):
    """How one value is chosen out of several (ontology/fusion.ttl)."""

    DATE = "date"
    NUMBER = "number"
    MONEY = "money"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Rules:
    """``choices`` per property; ``templates`` per precision and language; ``months`` per language."""

    choices: Mapping[Iri, Choice] = field(default_factory=dict)
    templates: Mapping[str, tuple[Literal, ...]] = field(default_factory=dict)
    months: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def load_rules(root: Path | None = None) -> Rules:
    """Read ``fusion.ttl`` and ``labels.ttl``.

    :raises OntologyError: if a property is to be fused in a way that is not known.
    """
    folder = root or resource("ontology")
    choices: dict[Iri, Choice] = {}
    for subject, predicate, value in read_turtle(folder / "fusion.ttl"):
        if predicate == CG["fusedAs"] and isinstance(value, Literal):
            if value.lexical not in set(Choice):
                raise OntologyError(f"fusion.ttl: <{subject}> fused as {value.lexical!r}; one of {', '.join(Choice)}")
            choices[subject] = Choice(value.lexical)
    templates: dict[str, list[Literal]] = {}
    months: dict[str, tuple[str, ...]] = {}
    for subject, predicate, value in read_turtle(folder / "labels.ttl"):
        if predicate == CG["labelTemplate"] and isinstance(value, Literal):
            templates.setdefault(local_name(subject), []).append(value)
        elif predicate == CG["monthNames"] and isinstance(value, Literal):
            months[value.language] = tuple(value.lexical.split())
    return Rules(choices, {name: tuple(sorted(them)) for name, them in templates.items()}, months)


@lru_cache(maxsize=1)
def fusion_rules() -> Rules:
    """The rules that ship with codegrey, read once."""
    return load_rules()
