"""What a process that opens uploads gives up before it reads the first byte; nothing of it can be taken back.

Each part is tried on its own, since not every kernel and container has all of them. What holds is told.

- limits: time to compute, memory, size and number of files, no core dump.
- no new privileges; death with the parent.
- namespaces of its own for users and the network: no interface but an unconfigured loopback. Needs user namespaces.
- Landlock: reads what Python is made of, writes below its working directory, connects to nothing, signals nobody.
- a filter of system calls: no socket, no other program, no other process, nothing of another process.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Any

from turnout.importing.syscalls import filtered

_PDEATHSIG, _NO_NEW_PRIVS = 1, 38
_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_O_PATH = 0x200000
# rights of Landlock by the version that knows them first
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu")
# of /proc what says how large the machine is, and what is our own
_SMALL = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/dev/urandom", "/dev/random")
_LIBC = ctypes.CDLL(None, use_errno=True)


def confine(limits: dict[str, Any], parent: int) -> list[str]:
    """Give up what is not needed; the names of what holds."""
    _LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # it was gone before the kernel knew that we care
        os._exit(1)
    held = ["limits"]
    if _LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        held.append("no new privileges")
    if _namespaces():
        held.append("no network")
    if _landlock():
        held.append("landlock")
    _limit(limits)
    if filtered(_LIBC):
        held.append("system calls")
    else:
        # no other process, where nothing else forbids one; root is not bound by this
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return held


def _limit(limits: dict[str, Any]) -> None:
    seconds, memory = limits["cpu_seconds"], limits["memory_bytes"]
    for kind, amount in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, limits["unpacked_bytes"]),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        allowed = resource.getrlimit(kind)[1]
        most = amount if allowed == resource.RLIM_INFINITY else min(amount, allowed)
        resource.setrlimit(kind, (most, most))


def _namespaces() -> bool:
    """A network without anything in it; with a user of its own where that takes one."""
    return any(_LIBC.unshare(kinds) == 0 for kinds in (_NEW_USER | _NEW_NET | _NEW_IPC, _NEW_NET))


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _landlock() -> bool:
    version = _LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    files = sum(rights for since, rights in _FILE_RIGHTS.items() if since <= version)
    rules = _Ruleset(files, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _LIBC.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    for path in _readable():
        _allow(ruleset, path, _READ_FILE | _READ_DIR)
    _allow(ruleset, "/dev/null", _READ_FILE | 1 << 1)
    _allow(ruleset, os.getcwd(), files & ~1)
    held: int = _LIBC.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return held == 0


def _readable() -> list[str]:
    """What Python and its packages are made of."""
    found = [*sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, *_SYSTEM, *_SMALL]
    found += os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    return list(dict.fromkeys(path for path in found if path and path != "/"))


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, _O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= _OF_FILES
    rule = _Beneath(rights, place)
    _LIBC.syscall(_ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
    os.close(place)
