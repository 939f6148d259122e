"""The evaluate command: precision and recall of extraction, and the gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codegrey.cli.options import Jobs, Json, settings
from codegrey.cli.show import Screen, exit_code
from codegrey.errors import UsageError
from codegrey.model import Finding

if TYPE_CHECKING:
    from codegrey.evaluate import Corpus, Score
    from codegrey.settings import Settings

DEFAULT_GOLD = Path("data/gold")


def evaluate(
    gold: Annotated[
        Path, typer.Argument(metavar="GOLD", help="A folder of annotations, one JSON file an article.")
    ] = DEFAULT_GOLD,
    *,
    articles: Annotated[
        Path | None,
        typer.Option(
            "--articles",
            metavar="DIR",
            help="Where the articles are; without it GOLD/articles, or else the folder above GOLD.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option("--split", metavar="NAME", help="One split, or all for the whole; without it, each of them."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Only articles in this language; no gate then.")
    ] = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="List every wrong and missing fact of the split tune; others stay unread.")
    ] = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="Count how often each rule is wrong on the split tune.")
    ] = False,
    floors: Annotated[
        Path | None,
        typer.Option(
            "--floors", metavar="FILE", help="The floors; without it GOLD/floors.json if there.", show_default=False
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write-floors", help="Make the present figures the floors.")] = False,
    patterns: Annotated[
        bool, typer.Option("--patterns-only", help="Without the learned recogniser; no gate then.")
    ] = False,
    jobs: Jobs = 0,
    as_json: Json = False,
) -> None:
    """Measure extraction against annotated articles.

    Precision, recall and F1 of each kind of fact, of each language and of incidents, and whether confidence means what
    it says. Fails when a figure lies below its floor, or when the floors were measured on other articles.

    \b
    Examples:
      codegrey evaluate
      codegrey evaluate data/gold --split tune --errors
      codegrey evaluate data/gold --language fr --json
    """
    from codegrey import evaluate as room

    if write and (split or language or patterns):
        raise UsageError("--write-floors wants all that is measured: no --split, --language, --patterns-only")
    corpus = room.load_corpus(gold, articles)
    if (errors or rules) and split and not corpus.may_be_read(split):
        raise UsageError(f"only the split {room.TUNED} may be read: whoever has read the others' errors has seen them")
    names = [split] if split else [*corpus.splits]
    screen, findings = Screen(as_json=as_json), list[Finding]()
    options = replace(settings(jobs=jobs), recogniser=not patterns)
    scores = _scores(corpus, names, language, options, findings, screen)
    file = floors or gold / room.FLOORS_FILE
    if write:
        room.write_floors(file, room.make_floors(scores, corpus))
    elif not language and not patterns and (floors or file.exists()):
        findings += room.check_floors(scores, room.load_floors(file), corpus)
    screen.findings(findings)
    _show(screen, scores, corpus, errors=errors, rules=rules)
    raise typer.Exit(exit_code(findings))


def _scores(
    corpus: Corpus,
    names: list[str],
    language: str | None,
    options: Settings,
    findings: list[Finding],
    screen: Screen,
) -> dict[str, Score]:
    """The score of each split; every article is read once."""
    from codegrey.evaluate import score
    from codegrey.importers import read_articles
    from codegrey.pipeline import read_reports_of

    parts = {name: corpus.of(name, language) for name in names}
    wanted = dict.fromkeys(stem for part in parts.values() for stem in part)
    if not wanted:
        raise UsageError(f"no article in {language} among these")
    inputs = read_articles([corpus.files[stem] for stem in wanted], settings=options)
    with screen.progress() as progress:
        reports = list(read_reports_of(inputs, options, findings, progress))
    return {name: score(reports, part) for name, part in parts.items()}


def _show(screen: Screen, scores: dict[str, Score], corpus: Corpus, *, errors: bool, rules: bool) -> None:
    from codegrey.evaluate import bin_lines, error_lines, figures, reliability, rule_lines, table_lines

    bins = {name: reliability(score.outcomes) for name, score in scores.items()}
    open_ones = [score for name, score in scores.items() if corpus.may_be_read(name)]
    wrong = [line for score in open_ones for line in error_lines(score)] if errors else []
    worst = [line for score in open_ones for line in rule_lines(score)] if rules else []
    values = {"corpus": corpus.digest, "splits": {n: figures(s, bins[n]) for n, s in scores.items()}}
    parts = [wrong, worst, table_lines(scores), bin_lines(bins)]
    more: dict[str, object] = {"errors": wrong} if errors else {}
    if rules:
        more["rules"] = worst[1:]
    screen.result(values | more, "\n\n".join(text for text in map("\n".join, parts) if text))
