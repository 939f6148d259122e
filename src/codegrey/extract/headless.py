"""Victims whose name has no head: `Synnovis`, `OneBlood`, `Viamedis`.

The lexicon's ``lex:Headless`` entries say where such a name stands ("the attack on …"); it counts as that of a supplier
if its sentence or the one before speaks of health care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegrey.extract.organisations import Mention
from codegrey.extract.scene import Scene
from codegrey.extract.statements import Statement
from codegrey.lexicon import LEX, Lexicon
from codegrey.registry import Places
from codegrey.text import Token
from codegrey.vocab import CG

HEADLESS = LEX + "Headless"


def find_headless(scene: Scene, lexicon: Lexicon, places: Places) -> list[Mention]:
    """Every mention of a name that some sentence gives as that of a victim without a head."""
    names: dict[str, None] = {}
    for statement in scene.states(HEADLESS):
        if _about_health(scene, statement.sentence, lexicon):
            names.update(dict.fromkeys(_names(scene, statement, lexicon, places)))
    return [m for name in names if _is_name(name, scene) for m in _everywhere(scene.document.text, name)]


def _is_name(name: str, scene: Scene) -> bool:
    """Whether a word is a name, and not only capitalised because it opens a sentence or a title."""
    if any(c.isupper() or c.isdigit() for c in name[1:]):
        return True
    openings = {sentence.start for sentence in scene.document.sentences}
    found = [match.start() for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", scene.document.text)]
    return any(at not in openings and at > len(scene.article.title) for at in found)


def _names(scene: Scene, statement: Statement, lexicon: Lexicon, places: Places) -> Iterator[str]:
    """The captured name, and those that a comma or `and` joins to it."""
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
    if whole and _plausible(tokens, lexicon, places) and first + len(tokens) == last:
        yield name
        if last + 1 < len(sentence) and sentence[last].fold in ("and", "et", "&"):
            following = sentence[last + 1]
            if _plausible((following,), lexicon, places):
                yield following.text


def _plausible(tokens: tuple[Token, ...] | list[Token], lexicon: Lexicon, places: Places) -> bool:
    stop = lexicon.words("no-name") | lexicon.words("health-care")
    if any(not token.capitalised or token.fold in stop for token in tokens):
        return False
    return not places.named(" ".join(token.text for token in tokens)) and len(tokens[0].text) > 3


def _about_health(scene: Scene, sentence: int, lexicon: Lexicon) -> bool:
    stems = lexicon.words("health-care")
    near = scene.document.sentences[max(0, sentence - 1) : sentence + 1]
    return any(token.fold in stems for each in near for token in each.tokens)


def _everywhere(text: str, name: str) -> Iterator[Mention]:
    for found in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
        yield Mention(found.start(), found.end(), name, CG["HealthSupplier"])
