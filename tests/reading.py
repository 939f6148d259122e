"""One extractor for all tests that read, the patterns alone: it takes seconds to make, and keeps nothing."""

from __future__ import annotations

from functools import cache

from codegrey.extract import PatternExtractor, load_extractor
from codegrey.extract.scene import Scene
from codegrey.model import Article, ArticleId, Claim, OrganisationRef, Report
from codegrey.vocab import local_name


@cache
def extractor() -> PatternExtractor:
    return load_extractor(recogniser=False)


@cache
def whole_extractor() -> PatternExtractor:
    """With the learned recogniser, as a build uses it."""
    return load_extractor()


def article(words: str, *, language: str = "en", published: str = "", title: str = "") -> Article:
    return Article(ArticleId("a"), words, title, language, published)


def read(words: str, *, language: str = "en", published: str = "2023-03-15", title: str = "") -> Report:
    return extractor()(article(words, language=language, published=published, title=title))


def scene(words: str, *, language: str = "en", published: str = "2023-03-15") -> Scene:
    reader = extractor()
    return reader.read(article(words, language=language, published=published), reader.tools[language])


def stated(report: Report) -> set[tuple[str, str]]:
    """Predicate and value of every claim, in short."""
    return {(local_name(claim.predicate), value(claim, report)) for claim in report.claims}


def value(claim: Claim, report: Report) -> str:
    found = claim.value
    if isinstance(found, OrganisationRef):
        return next(o.name for o in report.organisations if o.key == found.key)
    if isinstance(found, str):
        return local_name(found)
    return local_name(found.kind) if hasattr(found, "kind") else found.lexical
