"""Replies kept by what was asked, so that the same build asks nothing twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from codegrey.errors import DataError
from codegrey.extract.llm.client import Messages, Schema


def content_key(model: str, messages: Messages, schema: Schema) -> str:
    """SHA-256, in hex, of all that a reply depends on: model, prompt, schema, article."""
    asked = [model, [dict(message) for message in messages], schema]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder with one file a reply, named by its key. What is damaged counts as not there."""

    folder: Path

    def get(self, key: str) -> str | None:
        """The model's words, if they are kept."""
        try:
            kept = json.loads(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        content = kept.get("content") if isinstance(kept, dict) else None
        return content if isinstance(content, str) else None

    def put(self, key: str, content: str, *, model: str) -> None:
        """Keep a reply; a file is whole or not there.

        :raises DataError: if the folder cannot be written.
        """
        path = self._path(key)
        aside = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps({"model": model, "content": content}) + "\n", encoding="utf-8")
            aside.replace(path)
        except OSError as error:
            raise DataError(f"cannot write to the cache {self.folder}: {error.strerror}") from error

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"
