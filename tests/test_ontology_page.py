from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from codegrey.ontology import load_ontology

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.skipif(not (DOCS / "ontology_page.py").exists(), reason="docs/ is not beside the tests")
def test_the_page_of_the_model_is_the_one_that_the_ontology_gives() -> None:
    script = runpy.run_path(str(DOCS / "ontology_page.py"))
    expected = script["page"](load_ontology())
    assert (DOCS / "ontology.md").read_text(encoding="utf-8") == expected, "run: python docs/ontology_page.py"
