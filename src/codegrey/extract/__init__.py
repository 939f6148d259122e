"""From the words of one article to claims that carry them.

load_extractor() ──► an Extractor: Article ──► Report
"""

from __future__ import annotations

from typing import Protocol

from codegrey.extract.concepts import make_concepts
from codegrey.extract.patterns import PatternExtractor, make_extractor
from codegrey.extract.recogniser import load_recogniser
from codegrey.lexicon import lexicon_languages, load_lexicon, load_names, load_readings
from codegrey.model import Article, Report
from codegrey.ontology import load_ontology
from codegrey.registry import load_registry
from codegrey.resources import resource
from codegrey.settings import DEFAULT_BASE

__all__ = ["Extractor", "PatternExtractor", "load_extractor"]


class Extractor(Protocol):
    """What every extractor is: an article in, what it states out."""

    def __call__(self, article: Article) -> Report:
        """Read one article."""


def load_extractor(base: str = DEFAULT_BASE, *, recogniser: bool = True) -> PatternExtractor:
    """The extractor of all languages that have a lexicon, with the learned recogniser beside the patterns or without.

    :raises codegrey.errors.OntologyError: if a lexicon, the ontology or the registry is malformed.
    """
    ontology, readings = load_ontology(), load_readings()
    return make_extractor(
        {language: load_lexicon(language) for language in lexicon_languages()},
        load_names(),
        readings,
        load_registry(base=base),
        ontology,
        make_concepts(ontology, readings),
        load_recogniser(resource("data", "models", "recogniser.npz")) if recogniser else None,
    )
