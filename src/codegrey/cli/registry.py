"""Commands about the registers that names are linked to: `registry update`, `registry find`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codegrey.cli.options import CurationDir, Json, Quiet, RegistersDir
from codegrey.cli.show import Screen, counted, print_json, print_table
from codegrey.errors import UsageError

if TYPE_CHECKING:
    from codegrey.link import Candidate, Decision, Index
    from codegrey.registry.register import Row, Update

FROM = ("wikidata", "ror", "finess", "table")
_EVERY = 500  # rows between two moves of the progress bar

_HELP = """Load full registers of hospitals, and look names up in them.

A register is a folder of tables, one a source. `build`, `add` and `validate` link names to it with --registers DIR.

\b
Examples:
  codegrey registry update hospitals.tsv --from table --dir registers
  codegrey registry find 'CH de Cahors' --country FR --registers registers
"""


def registry_commands() -> typer.Typer:
    """The group with its commands."""
    group = typer.Typer(
        name="registry",
        help=_HELP,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    group.command("update")(update)
    group.command("find")(find)
    return group


def update(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="A ROR dump (.json), a FINESS extract (.csv), a table with a heading (.tsv, .csv), or results that "
            "Wikidata's query service gave (.json, .tsv, .csv). Only for wikidata it can be left out: the service is "
            "asked then.",
            show_default=False,
        ),
    ] = None,
    *,
    source: Annotated[
        str, typer.Option("--from", metavar="SOURCE", help=f"{', '.join(FROM[:-1])} or {FROM[-1]}.", show_default=False)
    ],
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="The folder of registers; made if it is not there.")
    ] = Path("registers"),
    name: Annotated[
        str,
        typer.Option(
            "--name",
            metavar="NAME",
            help="What the table is called; else the source, or the file for a table.",
            show_default=False,
        ),
    ] = "",
    service: Annotated[
        str,
        typer.Option(
            "--service", metavar="URL", help="The SPARQL service to ask; without it Wikidata's.", show_default=False
        ),
    ] = "",
    page: Annotated[int, typer.Option("--page", metavar="N", min=1, help="Hospitals a page of the service.")] = 2000,
    pause: Annotated[
        float, typer.Option("--pause", metavar="SECONDS", min=0, help="How long to wait between two pages.")
    ] = 1.0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Load a full register, or a newer one in its place.

    Rows stream in; those that cannot be used are named and left out. The old table stays until the new one is whole,
    and what is new, changed or gone is told (--json lists it). Wikidata's service is asked page by page; when it fails,
    the pages that came are kept, and the same command goes on after them.

    \b
    Examples:
      codegrey registry update --from wikidata --dir registers
      codegrey registry update v1.50-ror-data.json --from ror --dir registers
      codegrey registry update etalab-cs1100502-stock.csv --from finess --dir registers
      codegrey registry update hospitals.tsv --from table --dir registers
    """
    if source not in FROM:
        raise UsageError(f"--from {source}: there are {', '.join(FROM)}")
    if file is None and source != "wikidata":
        raise UsageError(f"--from {source} wants a FILE; only wikidata can be asked itself")
    if file is not None and service:
        raise UsageError("either FILE or --service")
    from codegrey.registry.register import update_register
    from codegrey.registry.wikidata import SERVICE, Manners, asker, read_wikidata

    called = _called(name or (file.stem if file and source == "table" else source))
    pages, screen = folder / f"{called}.pages", Screen(quiet, as_json)
    with screen.progress() as progress:

        def counted_rows(rows: Iterable[Row]) -> Iterator[Row]:
            for number, row in enumerate(rows, start=1):
                if progress is not None and number % _EVERY == 0:
                    progress("rows", number, 0)
                yield row

        if file is None:
            manners = Manners(page=page, pause=pause)
            rows = read_wikidata(asker(service or SERVICE, manners=manners), pages, manners=manners)
        else:
            rows = _rows_of(file, source)
        done = update_register(called, counted_rows(rows), folder)
    shutil.rmtree(pages, ignore_errors=True)
    _told(screen, done, folder / f"{called}.tsv")


def _rows_of(file: Path, source: str) -> Iterator[Row]:
    from codegrey.registry.sources import READERS, read_table
    from codegrey.registry.wikidata import read_results

    if source == "wikidata":
        return read_results(file) if file.suffix.lower() == ".json" else read_table(file)
    return READERS[source](file)


def _called(name: str) -> str:
    if not re.fullmatch(r"[\w][\w.-]*", name):
        raise UsageError(f"--name {name}: letters, digits, dots and hyphens")
    return name


def _told(screen: Screen, done: Update, path: Path) -> None:
    screen.findings(done.refused)
    counts = f"{len(done.added)} new, {len(done.changed)} changed, {len(done.removed)} gone"
    values = {name: value for name, value in asdict(done).items() if name != "refused"}
    screen.result(
        {**values, "refused": len(done.refused), "file": str(path)},
        f"{path}: {counted(done.read, 'rows')} read, {done.kept} kept ({counts}), {len(done.refused)} refused",
    )


def find(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name as an article writes it.", show_default=False)],
    *,
    city: Annotated[str, typer.Option("--city", metavar="TOWN", help="Where it is, if the article says.")] = "",
    country: Annotated[str, typer.Option("--country", metavar="CODE", help="In which country: FR, US.")] = "",
    registers: RegistersDir = None,
    curation: CurationDir = None,
    as_json: Json = False,
) -> None:
    """Show what a name would be linked to, and why.

    The verdict (certain, likely, none), its reason, and the candidates with what spoke for and against each.

    \b
    Examples:
      codegrey registry find 'hôpital André-Mignot' --city Versailles --country FR
      codegrey registry find 'Memorial Hospital' --country US --registers registers --json
    """
    from codegrey.knowledge import Sources, load_knowledge
    from codegrey.link import link
    from codegrey.model import Organisation, OrganisationKey
    from codegrey.settings import Settings
    from codegrey.vocab import CG

    known = load_knowledge(Settings(), Sources(registers, curation))
    asked = Organisation(OrganisationKey("name"), name, CG["HealthcareOrganisation"], (), city, country.upper())
    decision = link(asked, known.index, known.curation.verdicts)
    if as_json:
        print_json({"result": _values(decision, known.index)})
        return
    shown = known.index.known[decision.iri].entry.name if decision.iri else ""
    print(f"{decision.verdict}: {decision.reason}" + (f": {shown} <{decision.iri}>" if decision.iri else ""))
    if decision.candidates:
        columns = ("score", "names", "town", "country", "candidate", "identifiers")
        print_table(columns, [_row(candidate, known.index) for candidate in decision.candidates])


def _row(candidate: Candidate, index: Index) -> tuple[str, ...]:
    entry, told = index.known[candidate.iri].entry, candidate.features
    sign = {1: "same", 0: "?", -1: "other"}
    place = ", ".join(filter(None, (entry.city, entry.country)))
    shown = f"{entry.name} ({place})" if place else entry.name
    features = (f"{told.name:.2f}", sign[told.city], sign[told.country])
    return (f"{candidate.score:.2f}", *features, shown, " ".join(entry.identifiers))


def _values(decision: Decision, index: Index) -> dict[str, object]:
    return {
        "verdict": decision.verdict,
        "iri": decision.iri,
        "score": decision.score,
        "reason": decision.reason,
        "candidates": [
            {
                "iri": candidate.iri,
                "name": index.known[candidate.iri].entry.name,
                "identifiers": index.known[candidate.iri].entry.identifiers,
                "score": candidate.score,
                "features": asdict(candidate.features),
            }
            for candidate in decision.candidates
        ],
    }
