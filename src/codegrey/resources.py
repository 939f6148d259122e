"""Where ontology, shapes, queries and web pages are: in a checkout or inside the wheel.

hatchling copies the top-level folders into ``codegrey/_resources`` when it builds a wheel; a
checkout reads them where they are edited.
"""

from __future__ import annotations

from pathlib import Path

from codegrey.errors import OntologyError


def resource_root() -> Path:
    """The folder that holds ``ontology``, ``shapes`` and ``queries``.

    :raises OntologyError: if neither the wheel's copy nor the checkout's folders exist.
    """
    here = Path(__file__).resolve().parent
    for root in (here / "_resources", here.parents[1]):
        if (root / "ontology").is_dir():
            return root
    raise OntologyError(f"no ontology folder beside {here}: the installation is incomplete; reinstall codegrey")


def resource(*parts: str) -> Path:
    """One file or folder below :func:`resource_root`, e.g. ``resource("ontology", "lexicon")``."""
    return resource_root().joinpath(*parts)
