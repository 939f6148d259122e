"""Commands that make graphs out of articles: build, add, extract, validate."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codegrey.cli.llm import LLM_BUDGET, second_reader
from codegrey.cli.options import (
    DEFAULT_DATASET,
    Base,
    CurationDir,
    DatasetDir,
    Jobs,
    Json,
    LlmBudget,
    LlmCache,
    LlmKeyEnv,
    LlmModel,
    LlmUrl,
    MaybeDatasetDir,
    MaybePaths,
    OutDataset,
    Paths,
    Quiet,
    RegistersDir,
    settings,
)
from codegrey.cli.show import Screen, counted, exit_code, tally
from codegrey.errors import DataError, UsageError
from codegrey.model import Article, Finding
from codegrey.settings import DEFAULT_BASE, Settings

if TYPE_CHECKING:
    from codegrey.pipeline import BuildResult

COUNTED = ("articles", "incidents", "claims", "quads")  # the counts that a person is told, in this order


def build(
    paths: Paths,
    *,
    out: OutDataset = DEFAULT_DATASET,
    jobs: Jobs = 0,
    base: Base = DEFAULT_BASE,
    registers: RegistersDir = None,
    curation: CurationDir = None,
    llm: LlmUrl = None,
    llm_model: LlmModel = "",
    llm_key_env: LlmKeyEnv = "",
    llm_cache: LlmCache = None,
    llm_budget: LlmBudget = LLM_BUDGET,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Build a dataset from articles.

    Read, extract, fuse, check, reason, store. The new version is made aside and put in place at once, so a server on
    the same folder goes on serving. The same articles give the same bytes, on any machine and with any number of
    processes.

    \b
    Examples:
      codegrey build data/articles --out dataset
      codegrey build 'press/**/*.md' notes.jsonl --out dataset --jobs 4
      cat article.txt | codegrey build - --out dataset
    """
    options, screen = settings(base=base, jobs=jobs), Screen(quiet, as_json)
    from codegrey import pipeline

    with second_reader(llm, llm_model, llm_key_env, llm_cache, llm_budget) as refine, screen.progress() as progress:
        result = pipeline.build(
            _inputs(paths, options, screen),
            out,
            settings=options,
            sources=pipeline.Sources(registers, curation),
            refine=refine,
            progress=progress,
        )
    _finish(screen, result, f"built {out}")


def add(
    paths: MaybePaths = None,
    *,
    dataset: DatasetDir = DEFAULT_DATASET,
    jobs: Jobs = 0,
    registers: RegistersDir = None,
    curation: CurationDir = None,
    llm: LlmUrl = None,
    llm_model: LlmModel = "",
    llm_key_env: LlmKeyEnv = "",
    llm_cache: LlmCache = None,
    llm_budget: LlmBudget = LLM_BUDGET,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Add articles to a dataset.

    That makes a new version. Only the new articles are read, and only the incidents that they touch are fused again.
    Incidents that are already there keep their names. An article that is already there changes nothing. Without PATHS,
    what is there is fused again: by new decisions, with new registers.

    \b
    Examples:
      codegrey add new-article.md --dataset dataset
      codegrey add --dataset dataset --registers registers
      codegrey add inbox/ --dataset dataset --json
    """
    from codegrey.dataset import open_dataset

    options, screen = settings(base=open_dataset(dataset).base, jobs=jobs), Screen(quiet, as_json)
    from codegrey import pipeline

    with second_reader(llm, llm_model, llm_key_env, llm_cache, llm_budget) as refine, screen.progress() as progress:
        result = pipeline.add(
            _inputs(paths, options, screen) if paths else (),
            dataset,
            settings=options,
            sources=pipeline.Sources(registers, curation),
            refine=refine,
            progress=progress,
        )
    _finish(screen, result, f"added to {dataset}")


def extract(
    paths: Paths,
    *,
    out_dir: Annotated[
        Path, typer.Option("--out-dir", metavar="DIR", help="The folder that gets one .ttl an article.")
    ],
    jobs: Jobs = 0,
    base: Base = DEFAULT_BASE,
    registers: RegistersDir = None,
    curation: CurationDir = None,
    llm: LlmUrl = None,
    llm_model: LlmModel = "",
    llm_key_env: LlmKeyEnv = "",
    llm_cache: LlmCache = None,
    llm_budget: LlmBudget = LLM_BUDGET,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write one Turtle file per article.

    Each says what its article says; articles are not fused. A file is named after its article's file (or the id of its
    line in JSON Lines) and stands on its own: labels, claims and the words that prove them.

    \b
    Examples:
      codegrey extract data/articles --out-dir turtle
      codegrey extract article.html --out-dir turtle --base https://example.org/id/
    """
    options, screen = settings(base=base, jobs=jobs), Screen(quiet, as_json)
    from codegrey import pipeline

    with second_reader(llm, llm_model, llm_key_env, llm_cache, llm_budget) as refine, screen.progress() as progress:
        result = pipeline.extract(
            _inputs(paths, options, screen),
            out_dir,
            settings=options,
            sources=pipeline.Sources(registers, curation),
            refine=refine,
            progress=progress,
        )
    screen.findings(result.findings)
    files = [str(path) for path in result.written]
    screen.result({"written": files}, f"wrote {counted(len(files), 'files')} to {out_dir}{_aside(result.findings)}")
    raise typer.Exit(exit_code(result.findings))


def validate(
    paths: MaybePaths = None,
    *,
    dataset: MaybeDatasetDir = None,
    jobs: Jobs = 0,
    registers: RegistersDir = None,
    curation: CurationDir = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check articles, or a dataset, against the shapes.

    Nothing is written. For a dataset: checksums of its files, and the SHACL shapes on what its articles assert. A
    finding names the article and the words that it came from.

    \b
    Examples:
      codegrey validate new-article.md
      codegrey validate --dataset dataset
    """
    if bool(paths) == bool(dataset):
        raise UsageError("validate wants either PATHS or --dataset DIR; see codegrey validate --help")
    screen, options = Screen(quiet, as_json), settings(jobs=jobs)
    from codegrey import pipeline

    sources = pipeline.Sources(registers, curation)
    with screen.progress() as progress:
        if dataset:
            findings = pipeline.validate_dataset(dataset, sources=sources, progress=progress)
        else:
            inputs = _inputs(paths or [], options, screen)
            findings = pipeline.validate(inputs, settings=options, sources=sources, progress=progress)
    screen.findings(findings)
    screen.result({"findings": len(findings)}, f"checked: {tally(findings) or 'nothing to report'}")
    raise typer.Exit(exit_code(findings))


def _inputs(paths: list[str], options: Settings, screen: Screen) -> Iterator[Article | Finding]:
    """What the paths hold. If that is no article at all, the findings say why, and nothing is made.

    :raises DataError: if there is no article.
    """
    from codegrey.importers import read_articles

    items = read_articles(paths, settings=options, stdin=sys.stdin.buffer)
    before: list[Finding] = []
    for item in items:
        if isinstance(item, Article):
            return chain(before, [item], items)
        before.append(item)
    screen.findings(before)
    raise DataError("no article could be read")


def _finish(screen: Screen, result: BuildResult, done: str) -> None:
    screen.findings(result.findings)
    counts = {name: result.counts[name] for name in COUNTED if name in result.counts}
    told = ", ".join(counted(count, name) for name, count in counts.items())
    screen.result(
        {"dataset": str(result.dataset.path), "version": result.dataset.version, "counts": dict(result.counts)},
        f"{done}: {told}; version {result.dataset.version}{_aside(result.findings)}",
    )
    raise typer.Exit(exit_code(result.findings))


def _aside(findings: Sequence[Finding]) -> str:
    told = tally(findings)
    return f" ({told})" if told else ""
