"""The options that several commands share: one name, one meaning, one help text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from codegrey.errors import UsageError
from codegrey.settings import DEFAULT_BASE, Settings

_BASE = re.compile(r"https?://[^\s<>\"{}|\\^`]+[/#]")

Paths: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="PATHS",
        help="Articles: files (.txt .md .html .jsonl), folders, glob patterns, or - for standard input.",
        show_default=False,
    ),
]
MaybePaths: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATHS",
        help="Articles: files (.txt .md .html .jsonl), folders, glob patterns, or - for standard input.",
        show_default=False,
    ),
]
DatasetDir: TypeAlias = Annotated[
    Path,
    typer.Option("--dataset", metavar="DIR", envvar="CODEGREY_DATASET", help="The folder that `build --out` wrote."),
]
MaybeDatasetDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--dataset",
        metavar="DIR",
        envvar="CODEGREY_DATASET",
        help="The folder that `build --out` wrote.",
        show_default=False,
    ),
]
OutDataset: TypeAlias = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="The dataset folder to write; a new version goes beside the old ones."),
]
Jobs: TypeAlias = Annotated[
    int,
    typer.Option(
        "--jobs", metavar="N", min=0, help="Processes that read articles; 0: one per core. Same result with any."
    ),
]
Base: TypeAlias = Annotated[
    str, typer.Option("--base", metavar="IRI", help="Namespace of the resources that are minted; ends in / or #.")
]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Write JSON lines to standard output: each finding, then the result.")
]
RegistersDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--registers",
        metavar="DIR",
        envvar="CODEGREY_REGISTERS",
        help="A folder that `registry update` filled: names are linked to it too.",
        show_default=False,
    ),
]
CurationDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--curation",
        metavar="DIR",
        help="A folder of decisions (links.sssom.tsv, decisions.tsv); without it, the dataset's own.",
        show_default=False,
    ),
]
LlmUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="URL",
        help="Base address of an OpenAI-compatible API: a language model reads too. Without it, nothing is asked.",
        show_default=False,
    ),
]
LlmModel: TypeAlias = Annotated[
    str, typer.Option("--llm-model", metavar="NAME", help="The model to ask.", show_default=False)
]
LlmKeyEnv: TypeAlias = Annotated[
    str,
    typer.Option(
        "--llm-key-env", metavar="VAR", help="The environment variable that holds the API's key.", show_default=False
    ),
]
LlmCache: TypeAlias = Annotated[
    Path | None,
    typer.Option("--llm-cache", metavar="DIR", help="A folder that keeps replies by content.", show_default=False),
]
LlmBudget: TypeAlias = Annotated[
    int,
    typer.Option("--llm-budget", metavar="N", min=1, help="Tokens that may be spent, prompts and replies together."),
]

DEFAULT_DATASET = Path("dataset")


def settings(*, base: str = DEFAULT_BASE, jobs: int = 0) -> Settings:
    """Build settings from options.

    :raises UsageError: if the base is no namespace.
    """
    if not _BASE.fullmatch(base):
        raise UsageError(f"--base {base}: a namespace is an http(s) IRI that ends in / or #")
    return Settings(base=base, jobs=jobs or _cores())


def _cores() -> int:
    """The cores that this process may use; where the system does not say, those that there are."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
