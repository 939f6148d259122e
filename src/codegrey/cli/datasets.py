"""Commands about a dataset that is there: info, export, serve."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codegrey.cli.options import DEFAULT_DATASET, CurationDir, DatasetDir, Json, MaybeDatasetDir, RegistersDir
from codegrey.cli.show import print_json
from codegrey.errors import UsageError

if TYPE_CHECKING:
    from codegrey.knowledge import Knowledge
    from codegrey.model import Fusion

EXPORTS = {"nq": "codegrey.nq", "trig": "codegrey.trig", "ttl": "incidents.ttl"}
LINKS = ("sssom", "links", "quickstatements", "mixnmatch")


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
            help="nq or trig: everything, graph by graph; ttl: the incidents and the organisations they name. "
            "For those who link: sssom (a mapping table), links (the same as Turtle), quickstatements (drafts for "
            "Wikidata, never sent), mixnmatch (a catalogue).",
        ),
    ] = "nq",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="The file to write; without it, standard output.", show_default=False
        ),
    ] = None,
    registers: RegistersDir = None,
    curation: CurationDir = None,
) -> None:
    """Write a dump of a dataset, or its links.

    The same articles give the same bytes. Links are those of the dataset's reports by what is known and decided now;
    give the --registers that it was built with.

    \b
    Examples:
      codegrey export --dataset dataset --format trig --out codegrey.trig
      codegrey export --format nq | gzip > codegrey.nq.gz
      codegrey export --format sssom --out links.sssom.tsv
    """
    from codegrey.dataset import open_dataset

    if form in LINKS:
        _export_links(form, dataset, out, registers, curation)
        return
    if form not in EXPORTS:
        raise UsageError(f"--format {form}: there are {', '.join((*EXPORTS, *LINKS))}")
    dump = open_dataset(dataset).dump_path(EXPORTS[form])
    if out is not None:
        shutil.copyfile(dump, out)
        return
    with dump.open("rb") as stream:
        shutil.copyfileobj(stream, sys.stdout.buffer)
    sys.stdout.flush()


def _export_links(form: str, dataset: Path, out: Path | None, registers: Path | None, curation: Path | None) -> None:
    from codegrey.pipeline import Sources, fuse_again

    fusion, _, known = fuse_again(dataset, sources=Sources(registers, curation))
    text = _links(form, fusion, known)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")


def _links(form: str, fusion: Fusion, known: Knowledge) -> str:
    """The mappings of every body; drafts and the catalogue are of hospitals alone."""
    from codegrey.dump import turtle
    from codegrey.fusion.exports import mapping_triples, mix_n_match, quickstatements, sssom
    from codegrey.vocab import CG

    if form == "sssom":
        return sssom(fusion.organisations, known.registry, known.curation.verdicts)
    if form == "links":
        return "".join(turtle(mapping_triples(fusion.organisations), base=known.registry.base))
    kinds = {CG["Hospital"], *known.ontology.subclasses(CG["Hospital"])}
    hospitals = [organisation for organisation in fusion.organisations if kinds & set(organisation.kinds)]
    if form == "quickstatements":
        return quickstatements(hospitals, known.registry)
    return mix_n_match(hospitals, known.registry.base)
