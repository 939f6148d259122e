"""All commands in one table, and the program around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from codegrey import __version__
from codegrey.cli.curation import curate, review
from codegrey.cli.datasets import export, info
from codegrey.cli.evaluate import evaluate
from codegrey.cli.explain import explain
from codegrey.cli.graphs import add, build, extract, validate
from codegrey.cli.query import query
from codegrey.cli.registry import registry_commands
from codegrey.cli.serve import serve_command

EXIT_CODES = (
    (0, "all went well"),
    (1, "done, but something was left out: there are findings of severity error"),
    (2, "the call itself is off: an unknown option, a missing argument"),
    (3, "the data cannot be used: no article, a damaged dataset, a malformed file"),
    (4, "the query cannot be answered: a syntax error, a limit"),
    (5, "something outside failed: a port that is taken, a service that does not answer"),
)


_ABOUT = """Articles about cyber incidents at hospitals, as a knowledge graph that can be cited.

\b
Start here:
  codegrey build data/articles --out dataset
  codegrey query --list
  codegrey serve --dataset dataset
"""


def create_cli() -> typer.Typer:
    """The command line as a typer application."""
    codes = "\n".join(f"  {code}  {meaning}" for code, meaning in EXIT_CODES)
    app = typer.Typer(
        name="codegrey",
        help=_ABOUT,
        epilog=f"\b\nExit codes:\n{codes}",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    app.callback()(_program)
    for command in commands():
        app.command(command.__name__)(command)
    app.add_typer(registry_commands())
    return app


def commands() -> tuple[Callable[..., Any], ...]:
    """Every command, in the order of ``--help``; its function's name is its own."""
    return (build, add, extract, validate, query, serve_command(), export, info, explain, evaluate, review, curate)


def _version(asked: bool) -> None:
    if asked:
        print(f"codegrey {__version__}")
        raise typer.Exit


def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    del version
