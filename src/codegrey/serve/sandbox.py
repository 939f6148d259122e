"""What a query process may not do: use the network, start programs, outgrow its memory, outlive its parent.

Linux only; elsewhere each function does nothing and says so by returning ``False``. Sources: prctl(2), seccomp(2),
setrlimit(2).
"""

from __future__ import annotations

import ctypes
import platform
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | 13  # fail with EACCES
_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4

# audit architecture; numbers of socket, connect, bind, execve, execveat, ptrace, io_uring_setup
_CALLS: Final = {
    "x86_64": (0xC000003E, (41, 42, 49, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 203, 200, 221, 281, 117, 425)),
}


def _prctl(option: int, argument: int, pointer: int = 0) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_ulong(value) for value in (argument, pointer, 0, 0)]
    return bool(library.prctl(ctypes.c_int(option), *words) == 0)


def die_with_parent() -> bool:
    """Ask the kernel to kill this process when the thread that started it ends."""
    return sys.platform == "linux" and _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def without_network() -> bool:
    """Refuse new sockets and new programs from now on, by a seccomp filter that needs no privilege.

    :returns: whether the kernel took the filter.
    """
    known = _CALLS.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    program = _filter(*known)
    code = ctypes.create_string_buffer(program, len(program))

    class _Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    wrapped = _Program(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
    if not _prctl(_PR_SET_NO_NEW_PRIVS, 1):
        return False
    return _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(wrapped))


def _filter(architecture: int, refused: tuple[int, ...]) -> bytes:
    """A classic BPF program: another architecture or a refused call fails with EACCES, everything else passes."""
    lines = [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE)]
    lines.append((_LOAD, 0, 0, _NUMBER_AT))
    for index, number in enumerate(refused):
        lines.append((_EQUAL, len(refused) - index, 0, number))
    lines.extend([(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)])
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def memory_pages() -> tuple[int, int]:
    """(virtual, resident) size of this process in pages; zeros where /proc is absent."""
    try:
        words = Path("/proc/self/statm").read_text("ascii").split()
    except OSError:
        return 0, 0
    return int(words[0]), int(words[1])


def bound_memory(extra: int) -> bool:
    """Let this process grow by ``extra`` bytes at most; beyond, allocations fail and the process aborts."""
    virtual, _ = memory_pages()
    if not extra or not virtual:
        return False
    size = virtual * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return True
