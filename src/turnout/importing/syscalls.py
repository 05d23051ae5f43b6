"""A filter of system calls (seccomp): what reads a model has no use for sockets, programs and other processes."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import Any

_SECCOMP, _FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_THREAD = 0x10000
# those of x86-64 that are made by another table of calls
_X32 = 0x40000000

# the numbers are the kernel's; from 424 on all architectures share them
_SHARED = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "pidfd_open": 434, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
}  # fmt: skip
_CLONE3 = 435
_ARCHITECTURES: dict[str, dict[str, Any]] = {
    "x86_64": {
        "audit": 0xC000003E,
        "clone": 56,
        "refused": {
            "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50,
            "socketpair": 53, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101, "mknod": 133,
            "personality": 135, "pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166, "reboot": 169,
            "init_module": 175, "tkill": 200, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
            "mknodat": 259, "unshare": 272, "accept4": 288, "perf_event_open": 298, "open_by_handle_at": 304,
            "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313, "bpf": 321,
            "execveat": 322, "userfaultfd": 323,
        },
    },
    "aarch64": {
        "audit": 0xC00000B7,
        "clone": 220,
        "refused": {
            "mknodat": 33, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "personality": 92,
            "unshare": 97, "kexec_load": 104, "init_module": 105, "ptrace": 117, "kill": 129, "tkill": 130,
            "reboot": 142, "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202,
            "connect": 203, "sendto": 206, "sendmsg": 211, "add_key": 217, "request_key": 218, "keyctl": 219,
            "execve": 221, "perf_event_open": 241, "accept4": 242, "open_by_handle_at": 265, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "finit_module": 273, "bpf": 280, "execveat": 281,
            "userfaultfd": 282,
        },
    },
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def filtered(libc: Any) -> bool:
    """Have the kernel refuse, from here on, what is not needed; whether it does."""
    architecture = _ARCHITECTURES.get(os.uname().machine)
    if architecture is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    steps = _steps(architecture)
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(steps), ctypes.cast(buffer, ctypes.c_void_p))
    held: int = libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
    return held == 0


def _steps(architecture: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture["audit"]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        # whoever is told that there is no clone3 takes clone, whose flags can be looked at
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
    ]
    for number in {**architecture["refused"], **_SHARED}.values():
        steps += [(_EQUAL, 0, 1, number), refuse]
    # a thread is welcome, a process is not
    return [
        *steps,
        (_EQUAL, 0, 3, architecture["clone"]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_AND, 0, 0, _THREAD),
        (_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, _ALLOW),
        refuse,
    ]
