"""Every setting of the endpoint: one frozen value, one table that documents itself.

Precedence, low to high: the defaults below, a TOML file (its ``[serve]`` table or its top level), environment variables
(``CODEGREY_SERVE_`` + the name in capitals), flags (``--name-with-dashes`` or keyword arguments).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from codegrey.errors import UsageError

ENVIRONMENT_PREFIX: Final = "CODEGREY_SERVE_"
Scalar: TypeAlias = str | int | float | bool | tuple[str, ...]
_Number = TypeVar("_Number", int, float)
_MIB: Final = 1024 * 1024
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


def _setting(default: Any, unit: str, text: str) -> Any:
    return field(default=default, metadata={"unit": unit, "text": text})


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What the endpoint can be told. ``settings_table`` prints it; a limit of 0 means "no limit" where it says so."""

    title: str = _setting("codegrey", "", "The name that pages and descriptions show.")
    public_base: str = _setting(
        "", "URL", "The URL at which clients see this server; empty: taken from each request's Host header."
    )
    workers: int = _setting(0, "processes", "Queries that start at the same time; 0: one per core, at least 2.")
    slow_workers: int = _setting(8, "processes", "Further queries that may run on once they are older than slow_after.")
    slow_after: float = _setting(0.05, "s", "The age at which a query makes room for a new one and loses priority.")
    time_limit: float = _setting(30.0, "s", "Working time of one query; waiting for the client does not count.")
    memory_limit: int = _setting(1024 * _MIB, "bytes", "Memory that one query may add to its process; 0: no limit.")
    byte_limit: int = _setting(512 * _MIB, "bytes", "Size of one answer; 0: no limit.")
    row_limit: int = _setting(
        0, "rows", "Rows (or triples) of one answer; 0: no limit. Beyond it the query fails: nothing is cut short."
    )
    depth_limit: int = _setting(100, "brackets", "Nesting of one query.")
    query_bytes: int = _setting(_MIB, "bytes", "Size of one request: query text, form or URL parameters.")
    queue_limit: int = _setting(256, "requests", "Requests that wait for a worker; beyond: 429.")
    client_queue_limit: int = _setting(64, "requests", "Requests of one client address that wait for a worker.")
    queue_seconds: float = _setting(30.0, "s", "How long a request waits for a worker before it gets 429.")
    first_bytes: int = _setting(
        256 * 1024, "bytes", "Part of an answer that is held back so that an error has a status."
    )
    stall_limit: float = _setting(30.0, "s", "How long a client may stop reading before its query is stopped.")
    transfer_limit: float = _setting(1800.0, "s", "The longest that one answer may take to travel.")
    cache_bytes: int = _setting(64 * _MIB, "bytes", "Memory for answers kept per dataset version; 0: none.")
    cache_entry_bytes: int = _setting(_MIB, "bytes", "The largest answer that is kept.")
    max_age: int = _setting(0, "s", "How long caches may use an answer without asking; 0: they ask each time (ETag).")
    compress_over: int = _setting(1024, "bytes", "Answers larger than this are compressed if the client can.")
    cors_origin: str = _setting("*", "origin", "Access-Control-Allow-Origin; empty: no CORS headers.")
    service_allow: tuple[str, ...] = _setting(
        (), "URLs", "Endpoints that SERVICE may call; empty: SERVICE is refused. https only, unless listed with http."
    )
    service_time_limit: float = _setting(20.0, "s", "Time of one call to a SERVICE endpoint.")
    service_byte_limit: int = _setting(16 * _MIB, "bytes", "Size of one answer of a SERVICE endpoint.")
    service_private: bool = _setting(False, "", "Let SERVICE reach loopback and private addresses (tests, intranets).")
    upstream: str = _setting("", "URL", "A SPARQL 1.1 endpoint that answers the queries instead of local workers.")
    access_log: str = _setting("-", "file", "Where the access log goes, one JSON object a line; -: stderr; empty: off.")
    log_queries: bool = _setting(False, "", "Write query texts into the access log (otherwise only their hash).")
    trusted_proxies: str = _setting(
        "127.0.0.1,::1", "addresses", "Proxies whose X-Forwarded-For and -Proto are believed."
    )
    graceful_seconds: float = _setting(10.0, "s", "Time that running queries have when the server is told to stop.")
    watch_seconds: float = _setting(1.0, "s", "How often the server looks for a new dataset version.")
    metrics: bool = _setting(True, "", "Offer /metrics.")


DEFAULTS: Final = ServeSettings()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the settings table."""

    name: str
    flag: str
    environment: str
    default: str
    unit: str
    text: str


def setting_rows() -> tuple[SettingRow, ...]:
    """The table of all settings, in order."""
    return tuple(
        SettingRow(
            name=item.name,
            flag="--" + item.name.replace("_", "-"),
            environment=ENVIRONMENT_PREFIX + item.name.upper(),
            default=_shown(getattr(DEFAULTS, item.name)),
            unit=item.metadata["unit"],
            text=item.metadata["text"],
        )
        for item in fields(ServeSettings)
    )


def settings_table() -> str:
    """The settings as a Markdown table (docs/serve-settings.md is this text)."""
    head = "| setting | default | unit | what it does |\n| --- | --- | --- | --- |\n"
    return head + "".join(f"| `{row.name}` | `{row.default}` | {row.unit} | {row.text} |\n" for row in setting_rows())


def _shown(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, tuple) else str(value)


def load_settings(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> ServeSettings:
    """Read the settings from all sources.

    :param environment: ``os.environ`` if it is ``None``.
    :param flags: values by setting name; ``None`` values are skipped.
    :raises UsageError: for an unknown setting or a value that does not fit, naming the source.
    """
    result = ServeSettings()
    if file is not None:
        result = _apply(result, _from_file(file).items(), source=str(file))
    result = _apply(result, _from_environment(os.environ if environment is None else environment), source="environment")
    given = ((name, value) for name, value in (flags or {}).items() if value is not None)
    return _apply(result, given, source="flags")


def _from_file(path: Path) -> Mapping[str, Any]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"settings file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"settings file {path}: {error}") from None
    table = content.get("serve", content)
    if not isinstance(table, dict):
        raise UsageError(f"settings file {path}: [serve] must be a table")
    return table


def _from_environment(environment: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX):
            yield name.removeprefix(ENVIRONMENT_PREFIX).lower(), value


def _apply(settings: ServeSettings, values: Iterable[tuple[str, Any]], *, source: str) -> ServeSettings:
    known = {item.name: getattr(DEFAULTS, item.name) for item in fields(ServeSettings)}
    changes: dict[str, Any] = {}
    for name, value in values:
        if name not in known:
            raise UsageError(f"{source}: unknown setting {name!r}; the settings are {', '.join(known)}")
        try:
            changes[name] = _convert(value, known[name])
        except ValueError:
            kind = type(known[name]).__name__
            raise UsageError(f"{source}: setting {name} must be of kind {kind}, not {value!r}") from None
    return replace(settings, **changes)


def _convert(value: object, default: Scalar) -> Scalar:
    match default:
        case bool():
            return _boolean(value)
        case int():
            return _not_negative(int(str(value)))
        case float():
            return _not_negative(float(str(value)))
        case tuple():
            return tuple(value.split()) if isinstance(value, str) else _strings(value)
        case _:
            return str(value)


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(value)
    return tuple(str(item) for item in value)


def _boolean(value: object) -> bool:
    word = str(value).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(value)


def _not_negative(value: _Number) -> _Number:
    if not value >= 0:
        raise ValueError(value)
    return value
