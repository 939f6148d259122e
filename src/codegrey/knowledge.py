"""What every build starts from: what ships with codegrey, and what a user adds to it.

ontology/, ontology/registry ──┐
a folder of full registers   ──┼─ load_knowledge ──► Knowledge ── fuse ──► Fusion
a folder of decisions        ──┘
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codegrey.errors import DataError
from codegrey.fusion import fuse
from codegrey.fusion.curation import DECISIONS, LINKS, Curation, load_curation
from codegrey.link import Index, make_index
from codegrey.link.full import load_full_registry
from codegrey.model import Fusion, Report
from codegrey.ontology import Ontology, load_ontology
from codegrey.reason import Rules, compile_rules
from codegrey.registry import Registry
from codegrey.settings import Settings
from codegrey.terms import Iri

OWN = "curation"  # the folder of a dataset that holds its own decisions


@dataclass(frozen=True, slots=True)
class Sources:
    """What a user adds: a folder of registers, a folder of decisions. Without the latter, a dataset's own count."""

    registers: Path | None = None
    curation: Path | None = None

    def of(self, dataset_dir: Path) -> Sources:
        """The sources of one dataset: the decisions in its own folder, unless others are given."""
        own = dataset_dir / OWN
        return self if self.curation or not own.is_dir() else Sources(self.registers, own)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Ontology, registry (looked up by ``index``), rules, and what curators decided."""

    ontology: Ontology
    registry: Registry
    index: Index
    rules: Rules
    curation: Curation

    def fuse(self, reports: Iterable[Report], settings: Settings, known: Mapping[str, Iri] | None = None) -> Fusion:
        """Fuse reports; ``known`` are the assignments of the last fusion, so that nothing is renamed."""
        return fuse(
            reports,
            self.registry,
            settings=settings,
            ontology=self.ontology,
            known=known,
            index=self.index,
            verdicts=self.curation.verdicts,
            rulings=self.curation.rulings,
        )


def load_knowledge(settings: Settings, sources: Sources | None = None) -> Knowledge:
    """Read what ships with codegrey and what the sources add.

    :raises DataError: if a folder that was named holds no register or no decisions, or one of its tables is malformed.
    """
    given = sources or Sources()
    if given.registers and not any(given.registers.glob("*.tsv")):
        raise DataError(
            f"no register in {given.registers}; `codegrey registry update --dir {given.registers}` makes one"
        )
    if given.curation and not any((given.curation / name).exists() for name in (LINKS, DECISIONS)):
        raise DataError(f"no decisions in {given.curation}: neither {LINKS} nor {DECISIONS}")
    ontology = load_ontology()
    registry = load_full_registry(given.registers, base=settings.base)
    rules = compile_rules(ontology.triples)
    return Knowledge(ontology, registry, make_index(registry), rules, load_curation(given.curation))
