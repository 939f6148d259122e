"""Commands about a dataset that is there: info, export, serve."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from codegrey.cli.options import DEFAULT_DATASET, DatasetDir, Json, MaybeDatasetDir
from codegrey.cli.show import print_json
from codegrey.errors import UsageError

EXPORTS = {"nq": "codegrey.nq", "trig": "codegrey.trig", "ttl": "incidents.ttl"}


def info(dataset: MaybeDatasetDir = None, as_json: Json = False) -> None:
    """Tell what a dataset holds.

    Without --dataset: what this codegrey can do.

    \b
    Examples:
      codegrey info
      codegrey info --dataset dataset
      codegrey info --dataset dataset --json
    """
    facts = _about_dataset(dataset) if dataset else _about_program()
    if as_json:
        print_json({"result": facts})
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {value}")


def _about_program() -> dict[str, object]:
    from codegrey import __version__
    from codegrey.importers import SUFFIXES
    from codegrey.lexicon import lexicon_languages
    from codegrey.queries import load_queries
    from codegrey.resources import resource_root

    return {
        "codegrey": __version__,
        "languages": " ".join(lexicon_languages()),
        "formats": " ".join(sorted(SUFFIXES)),
        "questions": len(load_queries()),
        "ontology": str(resource_root() / "ontology"),
    }


def _about_dataset(folder: Path) -> dict[str, object]:
    from codegrey.dataset import open_dataset

    found = open_dataset(folder)
    return {
        "dataset": str(folder),
        "version": found.version,
        "base": found.base,
        "built by": f"codegrey {found.manifest.get('codegrey', '?')}",
        **found.manifest["counts"],
        **{f"graph {name}": count for name, count in found.manifest["graphs"].items()},
        "folder": str(found.path),
    }


def export(
    dataset: DatasetDir = DEFAULT_DATASET,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="nq or trig: everything, graph by graph; ttl: the incidents and the organisations they name.",
        ),
    ] = "nq",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="The file to write; without it, standard output.", show_default=False
        ),
    ] = None,
) -> None:
    """Write a dump of a dataset.

    The same articles give the same bytes.

    \b
    Examples:
      codegrey export --dataset dataset --format trig --out codegrey.trig
      codegrey export --format nq | gzip > codegrey.nq.gz
    """
    from codegrey.dataset import open_dataset

    if form not in EXPORTS:
        raise UsageError(f"--format {form}: there are {', '.join(EXPORTS)}")
    dump = open_dataset(dataset).dump_path(EXPORTS[form])
    if out is not None:
        shutil.copyfile(dump, out)
        return
    with dump.open("rb") as stream:
        shutil.copyfileobj(stream, sys.stdout.buffer)
    sys.stdout.flush()
