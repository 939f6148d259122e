"""The extractor that reads by the lexicon: article in, report out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegrey.extract.amounts import find_amounts
from codegrey.extract.assemble import assemble
from codegrey.extract.concepts import Concepts
from codegrey.extract.dates import DateMention, PartialDate, When, find_dates, partial_date
from codegrey.extract.ensemble import combine
from codegrey.extract.gazetteer import ACTOR_KINDS, Found, Gazetteer, make_gazetteer
from codegrey.extract.headless import find_headless
from codegrey.extract.home import at_home
from codegrey.extract.matcher import Matcher
from codegrey.extract.mentions import Group, gather, known_spans, proper_words, specific
from codegrey.extract.organisations import Mention, NameGrammar, find_mentions, make_grammar
from codegrey.extract.recogniser import Recogniser
from codegrey.extract.scene import Scene
from codegrey.extract.statements import Reader, Refusal, Statement
from codegrey.extract.units import Entity, Units, make_units
from codegrey.lexicon import DatePattern, Lexicon, Readings
from codegrey.model import Article, Report
from codegrey.ontology import Ontology
from codegrey.registry import Entry, Registry
from codegrey.terms import Iri
from codegrey.text import Document, Sentence, Token
from codegrey.vocab import CG

_Spans = list[tuple[int, int, str, object]]


@dataclass(slots=True)
class Tools:
    """What one language needs, compiled once."""

    lexicon: Lexicon
    reader: Reader
    dates: Matcher[DatePattern]


@dataclass(slots=True)
class PatternExtractor:
    """Reads articles by the lexicons; an article in a language without one gives an empty report."""

    tools: Mapping[str, Tools]
    grammar: NameGrammar
    known: Gazetteer
    concepts: Concepts
    registry: Registry
    health: frozenset[Iri]
    responders: frozenset[Iri]
    criminal: frozenset[Iri]
    common: frozenset[str]
    recogniser: Recogniser | None = None

    def __call__(self, article: Article) -> Report:
        """What the article states."""
        tools = self.tools.get(article.language)
        if tools is None:
            return Report(article)
        scene = self.weigh(self.read(article, tools))
        return assemble(scene, tools.lexicon, self.concepts, self.registry, self.criminal)

    def read(self, article: Article, tools: Tools) -> Scene:
        """Analyse an article as far as its statements."""
        document = tools.lexicon.analyser.analyse(article.text)
        named = [(s.index, hit) for s in document.sentences for hit in self.known.find(s)]
        found = at_home(
            document, [each for each in named if not _is_product(document, *each, tools.lexicon)], self.registry.places
        )
        health = known_spans(document, [(i, hit) for i, hit in found if self._is_health(hit)])
        others = known_spans(document, [(i, hit) for i, hit in found if not self._is_health(hit)])
        bodies = specific(gather(document, (), others, self.common))
        mentions = [m for m in find_mentions(article.text, self.grammar) if not self._ruled_out(m, others)]
        scene = self._scene(article, document, tools, gather(document, mentions, health, self.common), bodies)
        headless = find_headless(scene, tools.lexicon, self.registry.places)
        if not headless:
            return scene
        groups = gather(document, [*mentions, *headless], health, self.common)
        return self._scene(article, document, tools, groups, bodies)

    def weigh(self, scene: Scene) -> Scene:
        """The scene with what the recogniser has to say of its sentences."""
        if self.recogniser is None:
            return scene
        sentences = [scene.document.text[s.start : s.end] for s in scene.document.sentences]
        return combine(scene, self.recogniser.predict(sentences, scene.article.language), self.concepts)

    def _is_health(self, hit: Found) -> bool:
        return not self.health.isdisjoint(hit.entry.kinds)

    def _ruled_out(self, mention: Mention, others: Iterable[tuple[int, int, Entry]]) -> bool:
        """Whether a mention is a body that is no hospital, or a hospital that is only said to be in some country."""
        if any(start < mention.end and mention.start < end for start, end, _ in others):
            return True
        proper = sorted(proper_words(mention.name, self.common))
        wide = [any(p.kind != "city" for p in self.registry.places.named(word)) for word in proper]
        return bool(proper) and all(wide) and (mention.generic or mention.small)

    def _scene(
        self, article: Article, document: Document, tools: Tools, groups: list[Group], bodies: list[Group]
    ) -> Scene:
        spans = _group_spans(groups, "org") + _body_spans(bodies, self.responders)
        units = self._units(document, spans, tools, article)
        cues = tuple(tuple(tools.reader.cues(u)) for u in units)
        read = [r for u, c in zip(units, cues, strict=True) for r in tools.reader.read(u, article.text, c)]
        statements = tuple(r for r in read if isinstance(r, Statement))
        refusals = tuple(r for r in read if isinstance(r, Refusal))
        return Scene(article, document, units, cues, statements, refusals, tuple(groups), tuple(bodies))

    def _units(self, document: Document, spans: _Spans, tools: Tools, article: Article) -> tuple[Units, ...]:
        when = When(partial_date(article.published), _year(document))
        units = []
        previous: PartialDate | None = None
        for sentence in document.sentences:
            amounts = find_amounts(sentence, tools.lexicon)
            when = When(when.published, when.year, previous)
            dates = find_dates(sentence, amounts, tools.lexicon, tools.dates, when)
            if dates and isinstance(dates[-1].value, DateMention):
                previous = dates[-1].value.value
            entities = [*_located(spans, sentence), *dates, *amounts, *_unnamed(sentence, tools.lexicon)]
            units.append(make_units(sentence, entities, tools.lexicon.skipped))
        return tuple(units)


def _is_product(document: Document, sentence: int, hit: Found, lexicon: Lexicon) -> bool:
    """Whether a name is that of a thing and not of its maker: `Epic software`."""
    tokens = document.sentences[sentence].tokens
    return hit.last < len(tokens) and tokens[hit.last].fold in lexicon.words("product")


def _group_spans(groups: Iterable[Group], tag: str) -> _Spans:
    return [(start, end, tag, group) for group in groups for start, end in group.spans]


def _body_spans(bodies: Iterable[Group], responders: frozenset[Iri]) -> _Spans:
    spans: _Spans = []
    for group in bodies:
        kinds = set(group.entry.kinds) if group.entry else set()
        tag = "actor" if kinds & ACTOR_KINDS else "body" if kinds & responders else "other"
        spans += _group_spans([group], tag)
    return spans


def _located(spans: _Spans, sentence: Sentence) -> Iterator[Entity]:
    """Character spans as entities of the sentence that holds them."""
    for start, end, tag, value in spans:
        if start < sentence.start or start >= sentence.end:
            continue
        inside = [i for i, token in enumerate(sentence.tokens) if token.start < end and token.end > start]
        if inside:
            yield Entity(inside[0], inside[-1] + 1, tag, value)


def _unnamed(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Bodies that the registry does not name: `police`, `Delhi Police`, `le parquet de Tournai`.

    The word, its label and its class come from the lexicon; capitals before it, or behind a preposition, are its name.
    """
    tokens = sentence.tokens
    for place, token in enumerate(tokens):
        code = lexicon.value("body", token.fold)
        if code is None:
            continue
        label, _, kind = code.partition("|")
        first, last = _named_part(tokens, place, lexicon)
        words = tokens[first:last]
        name = label if len(words) == 1 else " ".join(t.text for t in words).replace("' ", "'")
        group = Group(name.lower(), CG[kind])
        group.names[name[0].upper() + name[1:]] += 1
        group.spans.append((words[0].start, words[-1].end))
        yield Entity(first, last, "body", group)


def _named_part(tokens: Sequence[Token], place: int, lexicon: Lexicon) -> tuple[int, int]:
    """The tokens of a body's name around its noun."""
    first, last = place, place + 1
    joints, stop = lexicon.words("body-joint"), lexicon.words("no-name")
    while (
        first > 0 and lexicon.language == "en" and tokens[first - 1].capitalised and tokens[first - 1].fold not in stop
    ):
        first -= 1
    behind = last
    while behind < len(tokens) and tokens[behind].fold in joints:
        behind += 1
    if last < behind < len(tokens) and tokens[behind].capitalised:
        last = behind + 1
    return first, last


def _year(document: Document) -> int | None:
    """The year that the text itself names first, for dates without one where publication is unknown."""
    for sentence in document.sentences:
        for token in sentence.tokens:
            if len(token.text) == 4 and token.text.isdigit() and 1990 <= int(token.text) <= 2045:
                return int(token.text)
    return None


def make_extractor(
    lexicons: Mapping[str, Lexicon], names: Lexicon, readings: Readings, registry: Registry, ontology: Ontology,
    concepts: Concepts, recogniser: Recogniser | None = None,
) -> PatternExtractor:  # fmt: skip
    """Compile everything that reading needs."""
    health = frozenset({CG["HealthcareOrganisation"], *ontology.subclasses(CG["HealthcareOrganisation"])})
    return PatternExtractor(
        tools={
            language: Tools(lexicon, Reader(lexicon, readings), Matcher(lexicon.dates))
            for language, lexicon in lexicons.items()
        },
        grammar=make_grammar(names),
        known=make_gazetteer(registry.entries),
        concepts=concepts,
        registry=registry,
        health=health,
        responders=frozenset({CG["Responder"], *ontology.subclasses(CG["Responder"])}),
        criminal=frozenset({CG["LawEnforcement"], CG["Prosecutor"]}),
        common=names.words("common"),
        recogniser=recogniser,
    )
