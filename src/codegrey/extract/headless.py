"""Victims whose name has no head: `Synnovis`, `OneBlood`, `Viamedis`.

The lexicon's ``lex:Headless`` entries say where such a name stands ("the attack on …"); it counts as that of a supplier
if its sentence or the one before speaks of health care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codegrey.extract.organisations import Mention
from codegrey.extract.scene import Scene
from codegrey.extract.statements import Statement
from codegrey.lexicon import LEX, Lexicon
from codegrey.registry import Places
from codegrey.text import Token, fold
from codegrey.vocab import CG

HEADLESS = LEX + "Headless"


def find_headless(scene: Scene, lexicon: Lexicon, places: Places) -> list[Mention]:
    """Every mention of a name that some sentence gives as that of a victim without a head."""
    mentions: dict[tuple[int, int], Mention] = {}
    for statement in scene.states(HEADLESS):
        if not _about_health(scene, statement.sentence, lexicon):
            continue
        for name, start in _names(scene, statement, lexicon):
            if kinds := {place.kind for place in places.named(name)}:
                if "country" in kinds or not lexicon.values.get("hospital-of"):
                    continue
                place = Mention(start, start + len(name), _hospital_of(name, lexicon), CG["Hospital"], city=name)
                mentions.setdefault((start, place.end), place)
            elif _is_name(name, scene):
                mentions |= {(m.start, m.end): m for m in _everywhere(scene.document.text, name)}
    return list(mentions.values())


def _hospital_of(place: str, lexicon: Lexicon) -> str:
    """`hôpital de Dax` for `Dax`: what an article means that says a town was attacked."""
    vowel = fold(place)[:1] in "aeiouyh"
    template = lexicon.value("hospital-of", "vowel" if vowel else "consonant") or "{}"
    return template.format(place)


def _is_name(name: str, scene: Scene) -> bool:
    """Whether a word is a name, and not only capitalised because it opens a sentence or a title."""
    if any(c.isupper() or c.isdigit() for c in name[1:]):
        return True
    openings = {sentence.start for sentence in scene.document.sentences}
    found = [match.start() for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", scene.document.text)]
    return any(at not in openings and at > len(scene.article.title) for at in found)


def _names(scene: Scene, statement: Statement, lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    """The captured name with its offset, and one that `and` joins to it."""
    captured = statement.captures.get("victim")
    if captured is None:
        return
    units = scene.units[statement.sentence]
    tokens = units.tokens(*captured)
    first, last = units.units[captured[0]].first, units.units[captured[1] - 1].last
    name = scene.document.text[tokens[0].start : tokens[-1].end]
    sentence = scene.document.sentences[statement.sentence].tokens
    whole = not (first > 1 and sentence[first - 1].capitalised) and not (
        last < len(sentence) and sentence[last].capitalised
    )
    if whole and _plausible(tokens, lexicon) and first + len(tokens) == last:
        yield name, tokens[0].start
        if last + 1 < len(sentence) and sentence[last].fold in ("and", "et", "&"):
            following = sentence[last + 1]
            if _plausible((following,), lexicon):
                yield following.text, following.start


def _plausible(tokens: Sequence[Token], lexicon: Lexicon) -> bool:
    stop = lexicon.words("no-name") | lexicon.words("health-care")
    if any(not token.capitalised or token.fold in stop for token in tokens):
        return False
    return len(tokens[0].text) > 2


def _about_health(scene: Scene, sentence: int, lexicon: Lexicon) -> bool:
    stems = lexicon.words("health-care")
    near = scene.document.sentences[max(0, sentence - 1) : sentence + 1]
    return any(token.fold in stems for each in near for token in each.tokens)


def _everywhere(text: str, name: str) -> Iterator[Mention]:
    for found in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
        yield Mention(found.start(), found.end(), name, CG["HealthSupplier"])
