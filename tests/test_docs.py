"""Every example in the documents runs, and every link between them leads somewhere."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rdflib.plugins.sparql import prepareQuery

from codegrey import __version__
from codegrey.vocab import PREFIXES

ROOT = Path(__file__).resolve().parent.parent
HOW_TO = sorted((ROOT / "docs" / "how-to").glob("*.md"))
DOCUMENTS = sorted(p for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if not p.name.startswith("."))
_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")

# Findings (exit code 1) stop no example; a server that an example started is stopped at the end.
_PRELUDE = """
set -euo pipefail
set -m
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
codegrey() { command codegrey "$@" || test $? = 1; }
"""


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def blocks(document: Path, kind: str) -> list[str]:
    return [m["code"] for m in _BLOCK.finditer(document.read_text(encoding="utf-8")) if m["kind"] == kind]


def script(document: Path, port: str) -> str:
    """The runnable blocks of a document as one shell script."""
    parts = [_PRELUDE]
    for block in _BLOCK.finditer(document.read_text(encoding="utf-8").replace("8000", port)):
        if block["kind"] == "sh":
            parts.append(block["code"])
        elif block["kind"] == "python":
            parts.append(f"python3 - <<'PYTHON'\n{block['code']}PYTHON")
    return "\n".join(parts)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a checkout to someone who only has the command: articles, and a dataset of them."""
    folder = tmp_path_factory.mktemp("workplace")
    for name in ("articles", "gold"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    codegrey(folder, f"{_PRELUDE}\ncodegrey build data/articles --out dataset --quiet")
    return folder


def codegrey(folder: Path, shell: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CODEGREY_")} | {"PATH": path}
    done = subprocess.run(
        ["bash", "-c", shell], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


@pytest.mark.parametrize("document", [path for path in HOW_TO if blocks(path, "sh")], ids=lambda path: path.stem)
def test_examples_of_a_how_to_run(workplace: Path, document: Path) -> None:
    text = script(document, free_port())
    if "curl" in text and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    done = codegrey(workplace, text)
    assert done.stdout


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if blocks(d, "sparql")], ids=lambda path: path.stem)
def test_queries_of_a_document_are_sparql(document: Path) -> None:
    for query in blocks(document, "sparql"):
        prepareQuery(query, initNs=PREFIXES)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = [m["target"] for m in _LINK.finditer(document.read_text(encoding="utf-8"))]
    local = [t.partition("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t)]
    assert [target for target in local if not (document.parent / target).exists()] == []


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\((\S+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}


def test_every_finding_of_an_importer_is_explained() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/codegrey/importers").glob("*.py"))
    codes = set(re.findall(r'(?:kept|left_out)\(\s*"([a-z-]+)"', sources)) | {"duplicate"}
    explained = (ROOT / "docs/how-to/build-a-dataset.md").read_text(encoding="utf-8")
    assert {code for code in codes if f"`{code}`" not in explained} == set()


def test_version_is_the_same_everywhere() -> None:
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
