"""What the model is told: ``ontology/prompts/<language>.md``, with the ontology's terms put in.

A prompt file has three sections, parted by a line ``---``: the instructions, the frame around an article, and what a
model that knows no schemas is told besides. ``confidence.tsv`` beside them says how much a claim of each slot is worth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from codegrey.errors import OntologyError
from codegrey.extract.llm.client import Messages
from codegrey.extract.llm.schema import Slot
from codegrey.model import Article
from codegrey.ontology import Ontology
from codegrey.resources import resource
from codegrey.vocab import CG

DEFAULT = "en"
REST = "other"
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Prompt:
    """The words for one language, with gaps."""

    instructions: Template
    frame: Template
    fallback: str

    def messages(self, article: Article, window: tuple[int, int], known: Sequence[str], terms: str) -> Messages:
        """The messages about one part of an article; ``known`` are the victims of the parts before."""
        gaps = {
            "published": article.published or "?",
            "language": article.language or "?",
            "known": ", ".join(known) or "-",
            "article": article.text[slice(*window)],
        }
        return (
            {"role": "system", "content": self.instructions.substitute(terms=terms)},
            {"role": "user", "content": self.frame.substitute(gaps)},
        )


def load_prompts(folder: Path | None = None) -> dict[str, Prompt]:
    """The prompts by language.

    :raises OntologyError: if a file has not its three sections, or a gap that nothing fills.
    """
    folder = folder or resource("ontology", "prompts")
    return {path.stem: _prompt(path) for path in sorted(folder.glob("*.md"))}


def _prompt(path: Path) -> Prompt:
    parts = re.split(r"^---$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if len(parts) != _PARTS:
        raise OntologyError(f"{path.name}: a prompt has three sections parted by ---, not {len(parts)}")
    instructions, frame = Template(parts[0].strip()), Template(parts[1].strip())
    for template, gaps in ((instructions, {"terms"}), (frame, {"published", "language", "known", "article"})):
        if not template.is_valid() or set(template.get_identifiers()) != gaps:
            raise OntologyError(f"{path.name}: its gaps should be {', '.join(sorted(gaps))}")
    return Prompt(instructions, frame, parts[2].strip())


def load_confidence(path: Path | None = None) -> dict[str, float]:
    """Confidence by slot, from 0 to 1.

    :raises OntologyError: if a line is not a slot and a number, or the one for all others is missing.
    """
    path = path or resource("ontology", "prompts", "confidence.tsv")
    table: dict[str, float] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], start=2):
        slot, _, value = line.partition("\t")
        if not re.fullmatch(r"0\.\d+", value):
            raise OntologyError(f"{path.name}:{number}: a line is a slot and a number below 1")
        table[slot] = float(value)
    if REST not in table:
        raise OntologyError(f"{path.name}: no line {REST} for slots without one of their own")
    return table


def describe_terms(slots: Sequence[Slot], ontology: Ontology, language: str) -> str:
    """Every slot and every term with its definition, as a list."""
    lines: list[str] = []
    for slot in slots:
        lines.append(f"{slot.name}: {ontology.definition(CG[slot.name], language)}")
        lines += [f"  {name}: {ontology.definition(iri, language)}" for name, iri in slot.terms.items()]
    return "\n".join(lines)


def windows(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``size`` characters that together are the text, cut at paragraphs where there are any."""
    start = 0
    while len(text) - start > size:
        end = start + size
        for mark in ("\n", ". ", " "):
            cut = text.rfind(mark, start, end)
            if cut > start:
                end = cut + len(mark)
                break
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def prompt_for(prompts: Mapping[str, Prompt], language: str) -> tuple[str, Prompt]:
    """The prompt of a language, or the English one."""
    chosen = language if language in prompts else DEFAULT
    return chosen, prompts[chosen]
