"""The command reference, written from the commands themselves: ``python -m codegrey.cli.reference docs/cli.md``."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from codegrey.cli.app import EXIT_CODES, create_cli

_INTRODUCTION = """# The command line

Results go to standard output, findings and progress to standard error. Options are named alike in every command.
`CODEGREY_DATASET` and `CODEGREY_REGISTERS` in the environment stand for `--dataset` and `--registers`.
`CODEGREY_DEBUG=1` shows the trace of an unforeseen error.
"""


def reference() -> str:
    """The page as Markdown."""
    group: Any = get_command(create_cli())
    return "\n".join([_INTRODUCTION, *_exit_codes(), *(line for c in group.commands.values() for line in _command(c))])


def _exit_codes() -> Iterator[str]:
    yield "| exit code | meaning |\n| --- | --- |"
    yield from (f"| {code} | {meaning} |" for code, meaning in EXIT_CODES)


def _command(command: Any, above: str = "") -> Iterator[str]:
    text, _, examples = inspect.cleandoc(command.help).partition("\b\nExamples:\n")
    name = f"{above}{command.name}"
    yield f"\n## codegrey {name}\n"
    yield _paragraphs(text)
    if examples:
        yield f"\n```sh\n{inspect.cleandoc(examples)}\n```"
    if hasattr(command, "commands"):
        for part in command.commands.values():
            yield from _command(part, f"{name} ")
        return
    yield "\n| argument or option | meaning |\n| --- | --- |"
    for parameter in command.params:
        if parameter.name != "help":
            yield _row(parameter)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def _row(parameter: Any) -> str:
    metavar = parameter.metavar or ""
    if parameter.param_type_name == "argument":
        name = metavar + ("..." if parameter.nargs == -1 else "")
    else:
        name = " ".join([*parameter.opts, metavar]).strip()
    notes = "required" if parameter.required else _default(parameter)
    escaped = re.sub(r"([|*<>])", r"\\\1", parameter.help or "")
    return f"| `{name.replace('|', chr(92) + '|')}` | {escaped}{f' ({notes})' if notes else ''} |"


def _default(parameter: Any) -> str:
    if parameter.show_default is False or parameter.default in (None, False):
        return ""
    return f"default: `{parameter.default}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
