"""Frozen values ↔ JSON, by their types alone: what is read back equals what was written.

    dataclass   object with its fields; a field that equals its default is left out
    tuple       array
    StrEnum     its value
    union       a plain string or null as itself; a dataclass as ``{"<its name>": {…}}``

Knows no class of :mod:`codegrey.model` by name, so that a new field or value needs no change here.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from json import JSONDecodeError, dumps, loads
from pathlib import Path
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from codegrey.errors import DatasetError

T = TypeVar("T")
Convert = Callable[[Any], Any]

_SCALARS = (str, int, float, bool, types.NoneType)


def encode(kind: type[T], value: T) -> Any:
    """A value of the given type as what :func:`json.dumps` takes."""
    return _codec(kind)[0](value)


def decode(kind: type[T], data: Any) -> T:
    """The value that :func:`encode` was given.

    :raises DatasetError: if the data have another shape.
    """
    try:
        return cast(T, _codec(kind)[1](data))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DatasetError(f"not a {kind.__name__}: {error}") from error


def write_line(kind: type[T], value: T) -> str:
    """One line of JSON, ASCII only (so that even lone surrogates survive), keys in the order of the fields."""
    return dumps(encode(kind, value), separators=(",", ":"), allow_nan=False) + "\n"


def read_lines(path: Path) -> Iterator[Any]:
    """The JSON value of each line of a file, one at a time.

    :raises DatasetError: if the file is missing or a line is not JSON; the message names the line.
    """
    try:
        with path.open(encoding="ascii") as stream:
            for number, line in enumerate(stream, start=1):
                yield _parsed(line, path, number)
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read {path}: {error}") from error


def read_values(kind: type[T], path: Path) -> Iterator[T]:
    """The values of a JSON Lines file, one at a time."""
    return (decode(kind, data) for data in read_lines(path))


def lines(kind: type[T], values: Iterable[T]) -> list[str]:
    """One line a value, sorted, none twice: the order of the input does not show."""
    return sorted({write_line(kind, value) for value in values})


def _parsed(line: str, path: Path, number: int) -> Any:
    try:
        return loads(line)
    except JSONDecodeError as error:
        raise DatasetError(f"{path}, line {number}: {error}") from error


def _codec(kind: Any) -> tuple[Convert, Convert]:
    return _codec_of(kind)


@lru_cache(maxsize=256)
def _codec_of(kind: Any) -> tuple[Convert, Convert]:
    """How to write and how to read one type. :raises TypeError: for a type that has no form here."""
    if isinstance(kind, NewType):
        return _codec(kind.__supertype__)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind))
    if origin is tuple:
        return _tuple(get_args(kind))
    if kind in _SCALARS:
        return _scalar(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return (lambda value: value.value), kind
    if is_dataclass(kind):
        return _record(cast(type[Any], kind))
    raise TypeError(f"no JSON form for {kind}")


def _scalar(kind: type) -> tuple[Convert, Convert]:
    def read(data: Any) -> Any:
        if kind is float and type(data) is int:
            return float(data)
        if type(data) is not kind:
            raise TypeError(f"{data!r} is no {kind.__name__}")
        return data

    return (lambda value: value), read


def _tuple(parts: tuple[Any, ...]) -> tuple[Convert, Convert]:
    if len(parts) == 2 and parts[1] is Ellipsis:
        write, read = _codec(parts[0])
        return (lambda values: [write(v) for v in values]), (lambda data: tuple(read(v) for v in data))
    codecs = [_codec(part) for part in parts]
    return (
        lambda values: [codec[0](v) for codec, v in zip(codecs, values, strict=True)],
        lambda data: tuple(codec[1](v) for codec, v in zip(codecs, data, strict=True)),
    )


def _union(parts: tuple[Any, ...]) -> tuple[Convert, Convert]:
    tagged = {part.__name__: _codec(part) for part in parts if isinstance(part, type) and is_dataclass(part)}

    def write(value: Any) -> Any:
        known = tagged.get(type(value).__name__)
        return {type(value).__name__: known[0](value)} if known else value

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        ((name, inner),) = data.items()
        return tagged[name][1](inner)

    return write, read


def _record(kind: type[Any]) -> tuple[Convert, Convert]:
    hints = get_type_hints(kind)
    parts = [(f.name, _default(f), *_codec(hints[f.name])) for f in fields(kind)]
    readers = {name: read for name, _, _, read in parts}

    def write(value: Any) -> dict[str, Any]:
        held = ((name, default, put, getattr(value, name)) for name, default, put, _ in parts)
        return {name: put(v) for name, default, put, v in held if v != default}

    def read(data: dict[str, Any]) -> Any:
        return kind(**{name: readers[name](v) for name, v in data.items()})

    return write, read


def _default(field: Field[Any]) -> Any:
    """The default of a field, or a value that equals nothing."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default
