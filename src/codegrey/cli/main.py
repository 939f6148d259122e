"""Run a command line: errors are one line, exit codes say what kind."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from types import TracebackType

from typer.main import get_command

from codegrey.cli.app import create_cli
from codegrey.errors import CodegreyError, DataError

DEBUG = "CODEGREY_DEBUG"
_TALKATIVE = ("trafilatura", "htmldate", "charset_normalizer", "courlan", "py3langid")  # libraries that log to stderr


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``codegrey`` with some arguments (``sys.argv`` if None) and return its exit code."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if not os.environ.get(DEBUG):
        sys.excepthook = _last_words
    try:
        # Through the bare command: typer's own call would replace the hook above.
        get_command(create_cli())(args=None if arguments is None else list(arguments), prog_name="codegrey")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except CodegreyError as error:
        return complain(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader has gone (`codegrey export | head`): nothing more to say, not even by the final flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return complain(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), DataError.exit_code)
    return 0


def complain(message: str, code: int) -> int:
    """Say what went wrong in one line on standard error, and return the exit code."""
    print(f"codegrey: {' '.join(message.split())}", file=sys.stderr)
    return code


def _last_words(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """What is shown of an error that nobody foresaw."""
    complain(f"unexpected {kind.__name__}: {error}; this is a bug, {DEBUG}=1 shows where", 1)
