"""Compressed files and tars, unpacked in memory: bounded before they are written to, and nothing is put on disk."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from pathlib import PurePosixPath
from typing import Any

from turnout.importing.refusal import Refused

_GZIP, _BZ2, _XZ, _ZIP = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"PK\x03\x04"
_LZMA = b"\x5d\x00\x00"
# as zlib begins, by how hard it was told to try
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_LZ4 = b"\x04\x22\x4d\x18"
_AT_ONCE = 1 << 20
_USTAR, _MAGIC_AT = b"ustar", 257
_ODD = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.CONTTYPE: "a contiguous file",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}


def unpacked(data: bytes, limits: dict[str, Any]) -> bytes:
    """What a compressed file holds; a file that is not compressed as it is.

    Raises
    ------
    Refused
        If it is broken, or larger than the limits allow.
    """
    make = _decompressor(data)
    if make is None:
        return data
    found, given = bytearray(), memoryview(data)
    most = min(limits["unpacked_bytes"], max(limits["ratio_from_bytes"], limits["ratio"] * len(data)))
    while given:
        tool, part = make(), b""
        try:
            for start in range(0, len(given), _AT_ONCE):
                part = bytes(given[start : start + _AT_ONCE])
                _put(tool, part, found, most)
                if tool.eof:
                    break
        except (zlib.error, OSError, EOFError, lzma.LZMAError) as error:
            raise Refused(f"what it is compressed with is broken: {error}") from None
        if not tool.eof:
            raise Refused("it is truncated: what it is compressed with has no end")
        given = given[start + len(part) - len(tool.unused_data) :]
        # another part may follow, or padding; nothing else
        if given and _decompressor(bytes(given[:8])) is None:
            if any(given):
                raise Refused("something follows the end of what it is compressed with")
            break
    return bytes(found)


def _decompressor(data: bytes) -> Any:
    if data.startswith(_GZIP):
        return lambda: zlib.decompressobj(31)
    if data.startswith(_ZLIB):
        return zlib.decompressobj
    if data.startswith(_BZ2):
        return bz2.BZ2Decompressor
    if data.startswith((_XZ, _LZMA)):
        return lambda: lzma.LZMADecompressor(memlimit=1 << 30)
    if data.startswith(_LZ4):
        raise Refused("it is compressed with lz4; use gzip")
    return None


def _put(tool: Any, part: bytes, found: bytearray, most: int) -> None:
    """Unpack a part, a bounded piece at a time."""
    while not tool.eof:
        piece = tool.decompress(part, _AT_ONCE)
        found += piece
        if len(found) > most:
            raise Refused(f"it unpacks to over {most:,} bytes")
        part = tool.unconsumed_tail if hasattr(tool, "unconsumed_tail") else b""
        if not piece and (not part or getattr(tool, "needs_input", False)):
            return


def is_tar(data: bytes) -> bool:
    """Whether these are the bytes of a tar, also of one from before POSIX."""
    if data[_MAGIC_AT : _MAGIC_AT + len(_USTAR)] == _USTAR:
        return True
    try:
        tarfile.TarInfo.frombuf(data[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def members(data: bytes, limits: dict[str, Any]) -> dict[str, bytes]:
    """The files in a tar, by name.

    Raises
    ------
    Refused
        For a name that climbs out, for whatever is neither file nor folder, and for too much of anything.
    """
    found: dict[str, bytes] = {}
    total = count = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for member in tar:
                count += 1
                if count > limits["members"]:
                    raise Refused(f"its archive has over {limits['members']} members")
                _check(member, found)
                if member.isdir():
                    continue
                total += member.size
                if total > limits["unpacked_bytes"] or total > len(data):
                    raise Refused(
                        f'its archive is truncated in "{shown(member.name)}", or says that it is larger'
                    )
                found[member.name] = _content(tar, member)
    except (tarfile.TarError, EOFError, ValueError, OverflowError, UnicodeError, OSError) as error:
        raise Refused(f"its archive is broken or truncated: {error}") from None
    if not found:
        raise Refused("its archive is empty")
    return found


def _check(member: tarfile.TarInfo, found: dict[str, bytes]) -> None:
    name = shown(member.name)
    if member.type in _ODD or member.issparse():
        kind = _ODD.get(member.type, "a sparse file")
        raise Refused(f'its archive has {kind}, "{name}"; only files and folders are taken')
    if not (member.isreg() or member.isdir()):
        raise Refused(f'its archive has "{name}", which is neither a file nor a folder')
    path = PurePosixPath(member.name.replace("\\", "/"))
    if path.is_absolute() or ":" in path.parts[0:1]:
        raise Refused(f'its archive has an absolute name, "{name}"')
    if ".." in path.parts or "\0" in member.name:
        raise Refused(f'its archive has a name that climbs out of its folder, "{name}"')
    if member.isreg() and member.name in found:
        raise Refused(f'its archive has "{name}" twice')


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    content = file.read() if file is not None else b""
    if len(content) != member.size:
        raise Refused(f'its archive is truncated in "{shown(member.name)}"')
    return content


def shown(name: str) -> str:
    """A name from outside as a message may have it."""
    return "".join(char if char.isprintable() else "?" for char in name)[:100]
