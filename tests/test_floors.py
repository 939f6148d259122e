"""The house rules that a machine can check: import floors, declared dependencies, no prints, no hosts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "codegrey"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted(PACKAGE.rglob("*.py"))


def floors() -> set[str]:
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    return {name for layer in contract["layers"] for name in re.findall(r"\w+", layer)}


def test_what_an_extra_brings_is_not_loaded_without_it() -> None:
    """The command line, the pipeline and the server work without the client of language models."""
    modules = "codegrey.cli.app, codegrey.pipeline, codegrey.serve.app"
    code = f"import sys, {modules}; print('codegrey.extract.llm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_every_module_stands_on_a_floor() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - {"__init__"}
    assert rooms <= floors()


def test_imports_go_only_to_lower_floors(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), is_debug_mode=False, cache_dir=None)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", name, maxsplit=1)[0]).lower()


def test_every_imported_package_is_a_declared_dependency() -> None:
    optional = PROJECT["project"]["optional-dependencies"]
    extras = [line for name, lines in optional.items() if name not in ("test", "dev") for line in lines]
    declared = {canonical(line) for line in [*PROJECT["project"]["dependencies"], *extras]}
    providers = packages_distributions()
    names = {name for path in MODULES for name in imported(path)} - set(sys.stdlib_module_names) - {"codegrey"}
    undeclared = {n for n in names if not {canonical(p) for p in providers.get(n, [n])} & declared}
    assert not undeclared


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_not_longer_than_it_may_be(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
