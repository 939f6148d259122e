"""When an incident began: of all the dates that an article names, the one that is said of its attack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codegrey.extract.dates import DateMention, PartialDate, partial_date
from codegrey.extract.facts import DEADLINE, ENDED, captured, make_claim, span_of
from codegrey.extract.scene import Scene
from codegrey.extract.scope import EVENT, VICTIM, Case
from codegrey.lexicon import LEX, Lexicon
from codegrey.model import Claim, Node, Role, Span
from codegrey.terms import typed
from codegrey.vocab import CG

START, DETECTED = LEX + "Start", LEX + "Detected"
REPORTS = frozenset(
    {VICTIM, EVENT}
    | {
        CG[name]
        for name in (
            "SystemOutage",
            "SystemIsolation",
            "Intrusion",
            "DataTheft",
            "RansomwareAttack",
            "MalwareInfection",
        )
    }
)
CONFIDENCE = (0.9, 0.8, 0.65, 0.6)  # said of the attack, of its detection, beside its report, beside its victim
NEAR = 8  # units
TELLING = 3  # units between a verb of saying and its date


class Option(NamedTuple):
    """A date that may be the start; the smallest is chosen: outright before likely, precise before vague, early."""

    tier: int
    vagueness: int
    value: PartialDate
    span: Span
    rule: str
    place: tuple[int, int]  # sentence and unit of the date


def start_claims(scene: Scene, case: Case, sentences: set[int], lexicon: Lexicon) -> Iterator[Claim]:
    """The day, month or year of the attack: said outright, else of its detection, else beside its report."""
    saying = lexicon.words("saying")
    others = _other_dates(scene)
    for find in (_opening, _stated, _beside_report, _beside_victim):
        options = [
            o for o in find(scene, case, sentences, saying) if _possible(scene, o.value) and o.place not in others
        ]
        if options:
            best = min(options)
            node = Node(Role.INCIDENT, case.key)
            value = typed(best.value, best.value.datatype)
            yield make_claim(node, CG["startDate"], value, best.span, CONFIDENCE[best.tier], best.rule)
            return


def _other_dates(scene: Scene) -> set[tuple[int, int]]:
    """The dates that are said of something else: a deadline, the return to normal."""
    spoken = [*scene.states(DEADLINE), *scene.states(ENDED)]
    return {(s.sentence, place) for s in spoken for place in range(*s.captures.get("date", (0, 0)))}


def _possible(scene: Scene, value: PartialDate) -> bool:
    """Whether a date lies before the article, as far as is known."""
    published = partial_date(scene.article.published)
    return published is None or str(value) <= str(published) or str(published).startswith(str(value))


def _opening(scene: Scene, case: Case, _sentences: set[int], _saying: frozenset[str]) -> Iterator[Option]:
    """In a chronology: the date that opens the paragraph."""
    if case.opening is not None:
        index, at = case.opening
        for place, value in _dates(scene, index):
            if place == at:
                yield Option(0, -_precision(value), value, span_of(scene, index, at, at + 1), "^ @date", (index, at))


def _stated(scene: Scene, _case: Case, sentences: set[int], saying: frozenset[str]) -> Iterator[Option]:
    for tier, concept in enumerate((START, DETECTED)):
        for statement in scene.states(concept):
            entity = captured(scene, statement, "date")
            if statement.sentence not in sentences or entity is None or not isinstance(entity.value, DateMention):
                continue
            place = statement.captures["date"][0]
            if not _of_telling(scene, statement.sentence, place, saying):
                value = entity.value.value
                spoken = (statement.sentence, place)
                yield Option(tier, -_precision(value), value, statement.span, statement.rule, spoken)


def _beside_report(scene: Scene, _case: Case, sentences: set[int], saying: frozenset[str]) -> Iterator[Option]:
    for statement in scene.statements:
        if statement.sentence in sentences and statement.concept in REPORTS:
            for place, value in _dates(scene, statement.sentence):
                near = min(abs(place - statement.last), abs(place - statement.first)) <= NEAR
                if near and not _of_telling(scene, statement.sentence, place, saying):
                    first, last = min(place, statement.first), max(place + 1, statement.last)
                    span = span_of(scene, statement.sentence, first, last)
                    yield Option(2, -_precision(value), value, span, statement.rule, (statement.sentence, place))


def _beside_victim(scene: Scene, case: Case, sentences: set[int], saying: frozenset[str]) -> Iterator[Option]:
    """For an incident in passing: the date nearest to its victim's name, those behind it first."""
    if case.focus:
        return
    for index in sorted(sentences):
        places = [place for place, group in scene.named(index) if group in case.victims]
        dates = [(p, v) for p, v in _dates(scene, index) if not _of_telling(scene, index, p, saying)]
        for at in places:
            if dates:
                place, value = min(dates, key=lambda d: (abs(d[0] - at) + (d[0] < at), d[0]))
                span = span_of(scene, index, min(place, at), max(place, at) + 1)
                yield Option(3, -_precision(value), value, span, "@org & @date", (index, place))


def _dates(scene: Scene, sentence: int) -> Iterable[tuple[int, PartialDate]]:
    for place, entity in scene.entities(sentence, "date"):
        if isinstance(entity.value, DateMention):
            yield place, entity.value.value


def _of_telling(scene: Scene, sentence: int, place: int, saying: frozenset[str]) -> bool:
    """Whether a date is that of a statement to the press: `said on Thursday`."""
    units = scene.units[sentence].units
    tokens = scene.document.sentences[sentence].tokens
    before = range(max(0, place - TELLING), place)
    after = range(place + 1, min(len(units), place + 1 + TELLING)) if place <= 1 else ()
    told = [i for i in (*before, *after) if units[i].entity is None and tokens[units[i].first].fold in saying]
    return bool(told)


def _precision(value: PartialDate) -> int:
    return 1 + bool(value.month) + bool(value.day)
