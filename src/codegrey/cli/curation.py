"""Commands of people who decide: review, curate."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from codegrey.cli.options import DEFAULT_DATASET, CurationDir, DatasetDir, Json, Quiet, RegistersDir
from codegrey.cli.show import Screen, counted
from codegrey.errors import DataError, UsageError


def review(
    dataset: DatasetDir = DEFAULT_DATASET,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="The table to write; without it, standard output.", show_default=False
        ),
    ] = None,
    registers: RegistersDir = None,
    curation: CurationDir = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write what is uncertain as a table to fill in.

    Names that are likely a node of a register, incidents that may be one, values in dispute; a line each, with what is
    proposed and on what words. Write into the column "verdict": yes, no or likely for a link; same or different for two
    incidents; the value that holds. Leave it empty where you do not know. `codegrey curate` takes the table back.

    \b
    Examples:
      codegrey review --dataset dataset --out questions.tsv
      codegrey review --registers registers --out questions.tsv
    """
    from codegrey.fusion.review import questions, write_questions
    from codegrey.pipeline import Sources, fuse_again

    fusion, _, knowledge = fuse_again(dataset, sources=Sources(registers, curation))
    asked = questions(fusion, knowledge.registry)
    table = write_questions(asked)
    if out is None:
        print(table, end="")
        return
    out.write_text(table, encoding="utf-8")
    kinds = Counter(question.kind for question in asked)
    told = ", ".join(counted(kinds[kind], f"{kind}s") for kind in sorted(kinds))
    Screen(quiet, as_json).result({"file": str(out), **kinds}, f"wrote {out}: {told or 'nothing is uncertain'}")


def curate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A table of `codegrey review`, filled in.", show_default=False)
    ],
    *,
    author: Annotated[str, typer.Option("--author", metavar="NAME", help="Who decided.", show_default=False)],
    date: Annotated[
        str,
        typer.Option("--date", metavar="DATE", help="When: YYYY-MM-DD; without it, today.", show_default=False),
    ] = "",
    dataset: DatasetDir = DEFAULT_DATASET,
    curation: CurationDir = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Keep the decisions of a filled-in table.

    They go into the folder `curation` of the dataset (or --curation DIR) and win over everything that is computed, in
    this and in every later build. A later decision on the same question replaces an earlier one.

    \b
    Examples:
      codegrey curate questions.tsv --author 'Ada L.' --dataset dataset
      codegrey curate questions.tsv --author 'Ada L.' --date 2026-01-05 --curation decisions
    """
    from codegrey.dataset import open_dataset
    from codegrey.fusion.curation import curate as decide
    from codegrey.fusion.curation import load_curation, save_curation
    from codegrey.knowledge import OWN

    if not author.strip():
        raise UsageError("--author is empty: a decision names who made it")
    when = date or datetime.date.today().isoformat()
    if not _is_day(when):
        raise UsageError(f"--date {date}: YYYY-MM-DD")
    if curation is None:
        open_dataset(dataset)
    folder = curation or dataset / OWN
    try:
        table = file.read_text(encoding="utf-8-sig")
        before = load_curation(folder)
        after = decide(before, table, author=author.strip(), date=when)
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: not UTF-8; save it as tab-separated UTF-8") from error
    except DataError as error:
        raise DataError(f"{file}: {error}") from error
    save_curation(folder, after)
    links, incidents = len(after.verdicts.mappings), len(after.rulings.all)
    fresh = len({*after.verdicts.mappings, *after.rulings.all} - {*before.verdicts.mappings, *before.rulings.all})
    screen = Screen(quiet, as_json)
    screen.result(
        {"folder": str(folder), "new": fresh, "links": links, "incidents": incidents},
        f"{folder}: {counted(fresh, 'new decisions')}; {counted(links, 'links')} and {incidents} on incidents in all. "
        "They count from the next `codegrey build` or `codegrey add`.",
    )


def _is_day(value: str) -> bool:
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
