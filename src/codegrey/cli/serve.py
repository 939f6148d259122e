"""The serve command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from codegrey.cli.options import DEFAULT_DATASET, DatasetDir

_HELP = """Serve a dataset over HTTP.

There is a SPARQL endpoint at /sparql, and pages for people. The server only reads. When a newer version of the dataset
is built into the same folder, it moves over by itself. Every setting from --title on can also stand in a TOML file
(--config) or in the environment (CODEGREY_SERVE_TIME_LIMIT).

\b
Examples:
  codegrey serve --dataset dataset
  codegrey serve --dataset dataset --port 8080 --time-limit 10
  curl -H 'Accept: text/csv' --data-urlencode 'query=SELECT * { ?s ?p ?o } LIMIT 3' http://127.0.0.1:8000/sparql
"""
_METAVARS = {"s": "SECONDS", "bytes": "BYTES", "processes": "N", "requests": "N", "rows": "N", "file": "FILE"}
_FIXED = frozenset(["dataset", "host", "port", "config"])


def serve_command() -> Callable[..., None]:
    """The command, with one option for every setting of the endpoint."""
    from codegrey.serve.settings import setting_rows

    rows = [row for row in setting_rows() if row.name not in _FIXED]

    def serve(**given: Any) -> None:
        from codegrey.serve import serve as run
        from codegrey.serve.settings import load_settings

        fixed = {name: given.pop(name) for name in _FIXED}
        settings = load_settings(file=fixed["config"], flags=given)
        run(fixed["dataset"], settings, host=fixed["host"], port=fixed["port"])

    parameters = [
        _parameter("dataset", DatasetDir, DEFAULT_DATASET),
        _parameter(
            "host", _option(str, "--host", "HOST", "The address to listen on; 0.0.0.0 means every one."), "127.0.0.1"
        ),
        _parameter("port", _option(int, "--port", "PORT", "The port to listen on."), 8000),
        _parameter("config", _option(Path | None, "--config", "FILE", "A TOML file with settings."), None),
    ]
    for row in rows:
        text = f"{row.text} [{row.unit + ', ' if row.unit else ''}default: {row.default or 'none'}]"
        option = typer.Option(row.flag, metavar=_METAVARS.get(row.unit, "VALUE"), help=text, show_default=False)
        parameters.append(_parameter(row.name, Annotated[str | None, option], None))
    serve.__doc__ = _HELP
    serve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    serve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return serve


def _option(kind: Any, flag: str, metavar: str, text: str) -> Any:
    return Annotated[kind, typer.Option(flag, metavar=metavar, help=text)]


def _parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
