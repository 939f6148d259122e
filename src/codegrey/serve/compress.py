"""Content codings, off the event loop. gzip is always there; br and zstd where their packages are installed."""

from __future__ import annotations

import asyncio
import importlib
import zlib
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from typing import Any, Final, Protocol

from codegrey.serve.negotiate import CODINGS

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_GZIP_LEVEL: Final = 5
_BROTLI_QUALITY: Final = 4
_ZSTD_LEVEL: Final = 3


class Encoder(Protocol):
    """A compressor that takes parts."""

    def feed(self, part: bytes) -> bytes:
        """Compress a part."""

    def close(self) -> bytes:
        """The rest."""


class _Gzip:
    def __init__(self) -> None:
        self._coder = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)

    def feed(self, part: bytes) -> bytes:
        return self._coder.compress(part)

    def close(self) -> bytes:
        return self._coder.flush()


class _Brotli:
    def __init__(self) -> None:
        self._coder: Any = importlib.import_module("brotli").Compressor(quality=_BROTLI_QUALITY)

    def feed(self, part: bytes) -> bytes:
        return bytes(self._coder.process(part))

    def close(self) -> bytes:
        return bytes(self._coder.finish())


class _Zstd:
    def __init__(self) -> None:
        self._coder: Any = importlib.import_module("zstandard").ZstdCompressor(level=_ZSTD_LEVEL).compressobj()

    def feed(self, part: bytes) -> bytes:
        return bytes(self._coder.compress(part))

    def close(self) -> bytes:
        return bytes(self._coder.flush())


_ENCODERS: Final[dict[str, Callable[[], Encoder]]] = {"gzip": _Gzip, "br": _Brotli, "zstd": _Zstd}
_PACKAGES: Final = {"br": "brotli", "zstd": "zstandard"}


@lru_cache(maxsize=1)
def available() -> tuple[str, ...]:
    """The codings of this installation, best first."""
    return tuple(name for name in CODINGS if name not in _PACKAGES or _installed(_PACKAGES[name]))


def _installed(package: str) -> bool:
    try:
        importlib.import_module(package)
    except ImportError:
        return False
    return True


def encoder(coding: str) -> Encoder:
    """A new compressor for a coding of :func:`available`."""
    return _ENCODERS[coding]()


def _whole(coding: str, body: bytes) -> bytes:
    coder = encoder(coding)
    return coder.feed(body) + coder.close()


async def compressed(coding: str, body: bytes) -> bytes:
    """A body compressed in a thread (the compressors release the interpreter's lock)."""
    return await asyncio.to_thread(_whole, coding, body)


async def compressed_parts(coding: str, first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream compressed part by part, each in a thread. Empty outputs are left out."""
    coder = encoder(coding)
    part = await asyncio.to_thread(coder.feed, first)
    if part:
        yield part
    async for more in rest:
        part = await asyncio.to_thread(coder.feed, more)
        if part:
            yield part
    yield await asyncio.to_thread(coder.close)
