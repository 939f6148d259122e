"""Which incidents an article reports, who was hit, and which incident a sentence speaks of.

The organisation that most speaks for being the victim makes the article's main incident. Another victim belongs to it
if it is named in one breath with the first, or is said to be hit as well; a different time, or words such as "a similar
attack", make an incident of its own. A sentence belongs to the incident whose victim it names last, and so do those
that go on from it; a new paragraph leads back to the main one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from codegrey.extract.dates import DateMention, PartialDate
from codegrey.extract.mentions import Group
from codegrey.extract.scene import Scene, title_sentences
from codegrey.extract.statements import Statement
from codegrey.lexicon import LEX, Lexicon
from codegrey.text import Sentence
from codegrey.vocab import CG

VICTIM, NOT_VICTIM, ALSO_HIT, EVENT, PARTS, STRUCK, HEADLESS, NO_ATTACK = (
    LEX + name for name in ("Victim", "NotVictim", "AlsoHit", "CyberEvent", "Parts", "Struck", "Headless", "NoAttack")
)
EXERCISES = 2  # sentences about an exercise that make an article one about an exercise
ATTACKS = frozenset({CG["RansomwareAttack"], CG["DataTheft"], CG["DenialOfServiceAttack"], CG["Intrusion"]})
TELLING = ATTACKS | {CG[name] for name in ("SystemIsolation", "SystemOutage", "DataStolen", "DataPublished")} | {EVENT}
LEAD = 4  # sentences
APART_DAYS = 20
NEAR_DAYS = 3
OPENING = 2  # units before the date that opens a paragraph
SECTIONS = 3  # paragraphs that open with a date and make an article a chronology
TOLD = 4  # statements that make an article likely to be about an incident
LATE = 0.55  # of the text: who is named first behind it is named in passing
CERTAIN = 7  # ... and certain


@dataclass(slots=True)
class Case:
    """One incident of an article while it is being put together."""

    key: str
    focus: bool
    victims: list[Group] = field(default_factory=list)
    evidence: dict[str, Statement | None] = field(default_factory=dict)  # victim → the statement that says so
    opening: tuple[int, int] | None = None  # sentence and unit of the date that opens its paragraph of a chronology
    own: set[int] = field(default_factory=set)  # the sentences that speak of it though they name another's victim


@dataclass(frozen=True, slots=True)
class Scope:
    """The incidents, and per sentence the one that it speaks of (None: none of them)."""

    cases: tuple[Case, ...]
    of: tuple[Case | None, ...]


@dataclass(frozen=True, slots=True)
class _Signal:
    """An organisation that a sentence says was hit."""

    sentence: int
    group: Group
    statement: Statement


def find_scope(scene: Scene, lexicon: Lexicon) -> Scope:
    """Decide on incidents and victims, then give every sentence its incident."""
    size = len(scene.document.sentences)
    chronology = _chronology(scene)
    if chronology is not None:
        return chronology
    signals = _signals(scene)
    main_group = _main_victim(scene, signals)
    if main_group is None:
        return Scope((), (None,) * size)
    main = Case(main_group.key, focus=True, victims=[main_group])
    cases = [main]
    main.evidence[main_group.key] = _first_statement(signals, main_group)
    when = _main_date(scene, main_group)
    for signal in signals:
        _place(scene, signal, cases, when)
    _parts(scene, main)
    return Scope(tuple(cases), _assign(scene, cases, signals, lexicon.words("anaphora")))


def _chronology(scene: Scene) -> Scope | None:
    """A list of incidents, each in a paragraph that opens with its date and names its victims; else None."""
    title = set(title_sentences(scene))
    dated: dict[int, tuple[int, int]] = {}
    victims: dict[int, Group] = {}
    for sentence in scene.document.sentences:
        if sentence.index in title:
            continue
        dates = scene.entities(sentence.index, "date")
        if sentence.first and dates and dates[0][0] <= OPENING:
            dated[sentence.paragraph] = (sentence.index, dates[0][0])
        for _, group in scene.named(sentence.index):
            if sentence.paragraph in dated:
                victims.setdefault(sentence.paragraph, group)
    if len(victims) < SECTIONS:
        return None
    cases = {
        paragraph: Case(f"{group.key}-{paragraph}", False, [group], {group.key: None}, opening=dated[paragraph])
        for paragraph, group in victims.items()
    }
    return Scope(tuple(cases.values()), tuple(cases.get(s.paragraph) for s in scene.document.sentences))


def _signals(scene: Scene) -> list[_Signal]:
    denied = {
        (statement.sentence, group.key)
        for statement in scene.states(NOT_VICTIM)
        for group in _captured(scene, statement)
    }
    stated = [*scene.states(VICTIM), *scene.states(HEADLESS)]
    signals = [
        _Signal(statement.sentence, group, statement)
        for statement in sorted(stated, key=lambda s: (s.sentence, s.first))
        for group in _captured(scene, statement)
    ]
    signals += _faint_signals(scene, {signal.sentence for signal in signals})
    return sorted(
        (signal for signal in signals if (signal.sentence, signal.group.key) not in denied),
        key=lambda s: (s.sentence, s.statement.first),
    )


def _faint_signals(scene: Scene, told: set[int]) -> list[_Signal]:
    """The first organisation of a sentence that says that something was hit, where no pattern says what.

    It counts in the lead, beside words for another incident, or where the organisation is named for the first time;
    and only beside an event or a date.
    """
    events = {statement.sentence for statement in scene.states(EVENT)}
    signals: list[_Signal] = []
    for statement in scene.statements:
        index = statement.sentence
        if index in told or (statement.concept != STRUCK and statement.concept not in TELLING):
            continue
        named = scene.named(index)
        dated = bool(_dates(scene, index))
        if not named or not (index in events or dated):
            continue
        new = min(named[0][1].spans)[0] >= scene.document.sentences[index].start
        struck = statement.concept == STRUCK and ("Other" in scene.effects(index) or index <= LEAD or new)
        if struck or (new and dated):
            told = told | {index}
            signals.append(_Signal(index, named[0][1], statement))
    return signals


def _captured(scene: Scene, statement: Statement) -> list[Group]:
    """The organisations that a statement captures, with those joined to them by commas and `and`."""
    units = scene.units[statement.sentence]
    places = statement.captures.get("victim")
    if places is None:
        return []
    named = dict(scene.named(statement.sentence))
    first = next((named[i] for i in range(*places) if i in named), None)
    if first is None:
        return []
    groups, at = [first], places[1]
    while at < len(units.units):
        if at in named:
            groups.append(named[at])
        elif not _joins(scene, statement.sentence, at):
            break
        at += 1
    return groups


def _joins(scene: Scene, sentence: int, place: int) -> bool:
    units = scene.units[sentence]
    unit = units.units[place]
    return unit.entity is None and scene.document.sentences[sentence].tokens[unit.first].fold in (
        "and",
        "et",
        "y",
        "und",
    )


def _main_victim(scene: Scene, signals: list[_Signal]) -> Group | None:
    """The organisation with the most signs of being the one that the article is about."""
    rehearsed = [i for i in range(len(scene.cues)) if "Exercise" in scene.effects(i)]
    events = {s.sentence for s in scene.states(EVENT) if s.sentence not in rehearsed}
    attacks = any(statement.concept in ATTACKS for statement in scene.statements)
    denied = [statement.sentence for statement in scene.states(NO_ATTACK)]
    if denied and (not attacks or min(denied) <= LEAD or len(denied) > 1):
        return None
    told = sum(not s.concept.startswith(LEX) and s.sentence not in rehearsed for s in scene.statements)
    if not (events or told >= CERTAIN) or len(rehearsed) >= EXERCISES:
        return None
    score = _scores(scene, signals, events)
    best = max(scene.groups, key=lambda g: (score[g.key], -min(g.spans)[0]), default=None)
    threshold = 1 if told >= CERTAIN else 2 if told >= TOLD else 3
    return best if best is not None and score[best.key] >= threshold else None


def _scores(scene: Scene, signals: list[_Signal], events: set[int]) -> Counter[str]:
    """How much speaks for each organisation: where it is named, how often, and what is said of it."""
    title = set(title_sentences(scene))
    score: Counter[str] = Counter({group.key: min(len(group.spans), 6) // 2 for group in scene.groups})
    for signal in signals:
        if "Other" not in scene.effects(signal.sentence) or signal.sentence in title:
            score[signal.group.key] += 4 if signal.sentence <= LEAD else 1
    for index in range(len(scene.document.sentences)):
        for _, group in scene.named(index):
            score[group.key] += _mention_score(index, title, events)
    for statement in scene.states(NOT_VICTIM):
        for group in _captured(scene, statement):
            score[group.key] -= 3
    for group in scene.groups:
        if min(group.spans)[0] > len(scene.document.text) * LATE:
            score[group.key] -= 3
    if len(scene.groups) == 1:
        score[scene.groups[0].key] += 2
    return score


def _mention_score(index: int, title: set[int], events: set[int]) -> int:
    if index in title:
        return 4 if index in events else 2
    if index <= len(title) + 1:  # the first sentences of the text
        return 3
    if index <= LEAD:
        return 2 if index in events else 1
    return 1 if index in events else 0


def _first_statement(signals: list[_Signal], group: Group) -> Statement | None:
    return next((s.statement for s in signals if s.group is group), None)


def _dates(scene: Scene, sentence: int) -> list[PartialDate]:
    return [
        entity.value.value for _, entity in scene.entities(sentence, "date") if isinstance(entity.value, DateMention)
    ]


def _main_date(scene: Scene, group: Group) -> PartialDate | None:
    """A first idea of when the main incident was: the first date beside an event or the victim."""
    events = {statement.sentence for statement in scene.states(EVENT)}
    for index in range(len(scene.document.sentences)):
        beside = index in events or any(g is group for _, g in scene.named(index))
        if beside and "Other" not in scene.effects(index) and (dates := _dates(scene, index)):
            return dates[0]
    return None


def _apart(left: PartialDate | None, right: PartialDate) -> bool:
    """Whether two dates cannot be those of one attack and its aftermath."""
    if left is None:
        return False
    if not (left.month and right.month):
        return left.year != right.year
    if not (left.day and right.day):
        return (left.year, left.month) != (right.year, right.month)
    return (left.first - right.first).days > APART_DAYS


def _far(left: PartialDate | None, right: PartialDate) -> bool:
    """Whether two dates are not the same day, or vague enough to be."""
    if left is None or not (left.day and right.day):
        return left is None or str(left)[: len(str(right))] != str(right)[: len(str(left))]
    return abs((left.first - right.first).days) > NEAR_DAYS


def _place(scene: Scene, signal: _Signal, cases: list[Case], when: PartialDate | None) -> None:
    """Put a victim into the main incident, or into one of its own."""
    main = cases[0]
    if any(signal.group in case.victims for case in cases):
        _again(scene, signal, cases, when)
        return
    named = [group for _, group in scene.named(signal.sentence)]
    other = "Other" in scene.effects(signal.sentence)
    apart = any(_apart(when, found) for found in _dates(scene, signal.sentence))
    together = any(group in main.victims for group in named) or signal.sentence in {
        statement.sentence for statement in scene.states(ALSO_HIT)
    }
    if signal.sentence <= LEAD + 2:
        together = together or not any(_far(when, found) for found in _dates(scene, signal.sentence))
    part = signal.group.entry is not None and any(
        victim.entry is not None and victim.entry.iri in signal.group.entry.part_of for victim in main.victims
    )
    if part or (together and not other and not apart):
        main.victims.append(signal.group)
        main.evidence[signal.group.key] = signal.statement
        return
    beside = next((c for c in cases[1:] if any(g in c.victims for g in named)), None)
    plural = any(s.sentence == signal.sentence and "plural" in s.captures for s in scene.states(EVENT))
    if beside is not None and not plural:
        beside.victims.append(signal.group)
        beside.evidence[signal.group.key] = signal.statement
        return
    case = Case(signal.group.key, focus=signal.sentence in title_sentences(scene), victims=[signal.group])
    case.evidence[signal.group.key] = signal.statement
    cases.append(case)


def _again(scene: Scene, signal: _Signal, cases: list[Case], when: PartialDate | None) -> None:
    """The same victim hit at another time: an incident of its own."""
    dates = _dates(scene, signal.sentence)
    again = "Again" in scene.effects(signal.sentence)
    if not (again and dates and all(_apart(when, found) for found in dates)):
        return
    key = f"{signal.group.key}-{dates[0]}"
    if all(case.key != key for case in cases):
        case = Case(key, focus=False, victims=[signal.group], own={signal.sentence})
        case.evidence[signal.group.key] = signal.statement
        cases.append(case)


def _parts(scene: Scene, main: Case) -> None:
    """Sites listed in the sentence that reports the hit ("which consists of …") are victims too."""
    hits = {s.sentence for s in scene.states(VICTIM)} | {s.sentence for s in scene.states(EVENT)}
    for statement in scene.states(PARTS):
        named = scene.named(statement.sentence)
        if statement.sentence in hits and any(group in main.victims for _, group in named):
            for _, group in named:
                if group not in main.victims:
                    main.victims.append(group)
                    main.evidence[group.key] = statement


def _assign(
    scene: Scene, cases: list[Case], signals: list[_Signal], anaphora: frozenset[str]
) -> tuple[Case | None, ...]:
    main = cases[0]
    by_sentence = {signal.sentence: signal.group for signal in signals}
    current: Case | None = main
    of: list[Case | None] = []
    for sentence in scene.document.sentences:
        index = sentence.index
        named = [group for _, group in scene.named(index)]
        hit = [by_sentence[index]] if index in by_sentence else named
        owner = next((case for case in cases if index in case.own), None) or _owner(hit, cases)
        effects = scene.effects(index)
        if owner is not None:
            current = owner
        elif "Other" in effects:
            current = _announced(scene, index, cases)
        elif current is not main and not (
            _goes_on(sentence, effects, anaphora) or (not sentence.first and current is not None)
        ):
            current = main
        of.append(current)
    return tuple(of)


def _goes_on(sentence: Sentence, effects: set[str], anaphora: frozenset[str]) -> bool:
    """Whether a sentence goes on from the one before: `On that occasion`, `Its operations`."""
    return "Continuation" in effects or sentence.tokens[0].fold in anaphora


def _owner(named: list[Group], cases: list[Case]) -> Case | None:
    """The incident whose victim a sentence names; a passing one before the main one."""
    owners = [case for group in named for case in cases if group in case.victims and not case.own]
    return next((case for case in reversed(owners) if case is not cases[0]), owners[0] if owners else None)


def _announced(scene: Scene, index: int, cases: list[Case]) -> Case | None:
    """ "A similar attack" that names nobody: the incident that the next sentence names, if it names another one."""
    if index + 1 < len(scene.document.sentences):
        following = _owner([group for _, group in scene.named(index + 1)], cases)
        if following is not None and following is not cases[0]:
            return following
    return None
