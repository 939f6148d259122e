"""The command line."""

from codegrey.cli.main import main

__all__ = ["main"]
