"""The LLM extractor: article in, report out, and a finding for each reply that was of no use.

article ─ windows ─► messages ─ cache, else client ─► answer ─ read_answer ─► Report ─ merge_reports ─► Report
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from codegrey.extract.concepts import make_concepts
from codegrey.extract.llm.answer import find_object
from codegrey.extract.llm.cache import Cache, content_key
from codegrey.extract.llm.client import ChatClient, Failure, Messages, Schema
from codegrey.extract.llm.figures import make_figures
from codegrey.extract.llm.merge import merge_reports
from codegrey.extract.llm.prompt import (
    DEFAULT,
    Prompt,
    describe_terms,
    load_confidence,
    load_prompts,
    prompt_for,
    windows,
)
from codegrey.extract.llm.reading import Beliefs, Drop, read_answer
from codegrey.extract.llm.schema import make_schema, make_slots
from codegrey.extract.llm.settings import LlmSettings, check
from codegrey.lexicon import Lexicon, lexicon_languages, load_lexicon, load_readings
from codegrey.model import Article, Finding, Organisation, Report, Severity
from codegrey.ontology import Ontology, load_ontology
from codegrey.registry import Registry, load_registry
from codegrey.text import fold
from codegrey.vocab import CG

_QUOTE = 120  # characters of a dropped quote that a finding shows
_WHY = {
    "llm/quote": "quotes that do not stand in the article",
    "llm/term": "terms that the ontology does not have",
    "llm/value": "figures or dates that their quotes do not state",
    "llm/name": "names that do not stand in the article, or are no organisation's that gives care",
    "llm/no-victim": "incidents without a victim that the article names",
    "llm/shape": "items of another shape than was asked for",
}
_HINTS = {
    "llm/budget": "raise the budget, or run again with a cache: what was read is not asked again",
    "llm/unreachable": "is the server running, and the address right?",
    "llm/timeout": "a larger time-out, a smaller model, or shorter articles",
    "llm/not-json": "some models need a server that holds them to a JSON schema",
}


@dataclass(slots=True)
class LlmExtractor:
    """Reads articles with a model. Keeps its client's budget: make one a run."""

    settings: LlmSettings
    client: ChatClient
    cache: Cache | None
    prompts: Mapping[str, Prompt]
    ontology: Ontology
    beliefs: Beliefs
    _asked: dict[str, tuple[Schema, str]] = field(init=False, default_factory=dict)

    def __call__(self, article: Article) -> Report:
        """What the model finds in an article, as far as it is believed."""
        return self.read(article)[0]

    def refine(self, report: Report) -> tuple[Report, tuple[Finding, ...]]:
        """A report of another extractor with what the model adds to it."""
        read, findings = self.read(report.article)
        return merge_reports(report, read), findings

    def read(self, article: Article) -> tuple[Report, tuple[Finding, ...]]:
        """What the model finds in an article, and what went wrong.

        :raises codegrey.errors.ServiceError: if the server refuses the key, or knows neither address nor model.
        """
        findings: list[Finding] = []
        report = Report(article)
        parts = list(windows(article.text, self.settings.part_chars))
        for window in parts[: self.settings.max_parts]:
            answer = self._answer(article, window, report, findings)
            if answer is None:
                continue
            read, drops = read_answer(answer, article, window, self.beliefs, before=report if window[0] else None)
            report = merge_reports(report, read)
            findings += _dropped(article, drops)
        if len(parts) > self.settings.max_parts:
            rest = len(article.text) - parts[self.settings.max_parts][0]
            findings.append(_finding(article, "llm/cut", f"the last {rest:,} characters were not read"))
        return report, tuple(findings)

    def _answer(
        self, article: Article, window: tuple[int, int], report: Report, findings: list[Finding]
    ) -> dict[str, object] | None:
        """The object that the model wrote about one part, out of the cache or fresh; None with a finding."""
        messages, schema = self._question(article, window, report.organisations)
        key = content_key(self.settings.model, messages, schema)
        kept = self.cache.get(key) if self.cache else None
        if kept is not None and (found := find_object(kept)) is not None:
            return found
        reply = self.client.ask(messages, schema)
        if isinstance(reply, Failure):
            findings.append(_finding(article, reply.code, reply.message))
            return None
        found = find_object(reply.content)
        if found is None:
            cut = "; it was cut off at the limit of tokens" if reply.cut else ""
            findings.append(_finding(article, "llm/not-json", f"the reply holds no report{cut}", reply.content))
            return None
        if self.cache:
            self.cache.put(key, reply.content, model=self.settings.model)
        return found

    def _question(
        self, article: Article, window: tuple[int, int], known: Sequence[Organisation]
    ) -> tuple[Messages, Schema]:
        language, prompt = prompt_for(self.prompts, article.language)
        if language not in self._asked:
            slots = self.beliefs.slots
            terms = describe_terms(slots, self.ontology, language)
            self._asked[language] = make_schema(slots, self.ontology, language), terms
        schema, terms = self._asked[language]
        return prompt.messages(article, window, [organisation.name for organisation in known], terms), schema


def make_beliefs(
    settings: LlmSettings, ontology: Ontology, registry: Registry, lexicons: Mapping[str, Lexicon]
) -> Beliefs:
    """What a model's answers are held against."""
    concepts = make_concepts(ontology, load_readings())
    health = {CG["HealthcareOrganisation"], *ontology.subclasses(CG["HealthcareOrganisation"])}
    others = (entry for entry in registry.entries if entry.kinds and health.isdisjoint(entry.kinds))
    return Beliefs(
        extractor=settings.extractor,
        slots=make_slots(ontology, concepts),
        concepts=concepts,
        figures=make_figures(lexicons),
        confidence=load_confidence(),
        criminal=frozenset({CG["LawEnforcement"], CG["Prosecutor"]}),
        no_victims=frozenset(fold(name) for entry in others for name in entry.names),
        country_of=registry.places.country_of,
        is_place=lambda name: bool(registry.places.named(name)),
    )


def load_llm(settings: LlmSettings, http: httpx.Client) -> LlmExtractor:
    """The extractor with the ontology, the prompts and the registry that ship with codegrey.

    :raises UsageError: if the settings make no sense.
    :raises codegrey.errors.OntologyError: if a file is malformed.
    """
    check(settings)
    prompts, ontology = load_prompts(), load_ontology()
    lexicons = {language: load_lexicon(language) for language in lexicon_languages()}
    return LlmExtractor(
        settings=settings,
        client=ChatClient(http, settings, prompts[DEFAULT].fallback),
        cache=Cache(settings.cache) if settings.cache else None,
        prompts=prompts,
        ontology=ontology,
        beliefs=make_beliefs(settings, ontology, load_registry(), lexicons),
    )


def _dropped(article: Article, drops: Sequence[Drop]) -> Iterator[Finding]:
    """One finding a reason."""
    for code, count in Counter(drop.code for drop in drops).items():
        first = next(drop.quote for drop in drops if drop.code == code)
        yield _finding(article, code, f"dropped: {count} × {_WHY[code]}", first, severity=Severity.INFO)


def _finding(
    article: Article, code: str, message: str, quote: str = "", *, severity: Severity = Severity.WARNING
) -> Finding:
    source = article.source or str(article.id)
    return Finding(severity, code, message, source=source, hint=_HINTS.get(code, ""), quote=_plain(quote))


def _plain(words: str) -> str:
    """The beginning of what a stranger wrote, safe to print and to store."""
    return "".join(c if c.isprintable() else " " for c in words[:_QUOTE]).strip()
