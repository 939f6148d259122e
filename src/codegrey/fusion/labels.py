"""What an incident is called, in every language that has a template (ontology/labels.ttl)."""

from __future__ import annotations

from collections.abc import Sequence

from codegrey.fusion.rules import Rules
from codegrey.terms import Literal, text


def incident_labels(names: Sequence[Literal], when: str, rules: Rules) -> tuple[Literal, ...]:
    """One label a language; ``names`` are the victim's, ``when`` is the start date of any precision or ``""``."""
    precision = "undated" if not when else "month" if len(when) >= 7 else "year"
    labels = []
    for template in rules.templates.get(precision, ()):
        months = rules.months.get(template.language, ())
        number = int(when[5:7]) if len(when) >= 7 else 0
        words = template.lexical.format(
            victim=name_in(names, template.language),
            year=when[:4],
            month=months[number - 1] if 0 < number <= len(months) else when[5:7],
        )
        labels.append(text(words, template.language))
    return tuple(labels)


def name_in(names: Sequence[Literal], language: str) -> str:
    """The name in a language, else the first there is; ``"?"`` where there is none."""
    own = next((name.lexical for name in names if name.language == language), "")
    return own or (names[0].lexical if names else "?")
