"""The registry that ships with codegrey together with the full registers that a user has loaded."""

from __future__ import annotations

from pathlib import Path

from codegrey.link.bodies import load_registers
from codegrey.registry import Registry, load_registry, make_registry
from codegrey.settings import DEFAULT_BASE


def load_full_registry(registers: Path | None = None, *, base: str = DEFAULT_BASE) -> Registry:
    """The shipped registry, and every register in the folder ``registers`` if one is given.

    What ships with codegrey stays as it is: a register's row for the same body is left out.

    :raises DataError: if a table of the folder is no register.
    :raises OntologyError: if a file of the shipped registry is malformed.
    """
    shipped = load_registry(base=base)
    if registers is None:
        return shipped
    more = load_registers(registers, base=base, places=shipped.places, shipped=shipped.entries)
    return make_registry([*more, *shipped.entries], triples=shipped.triples, places=shipped.places, base=base)
