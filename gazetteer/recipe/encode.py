"""The container: sections of columns, each column a run of LEB128 integers. Read by src/data/.

Layout of the payload (before zstd), little endian:
    "REFGAZ" | version u16 | CRC-32 of all that follows u32 | section, section, ...
A section is a 4-byte tag, its length u32, and its columns one after another. A column is its row
count (LEB128) and then one LEB128 integer a row; signed ones are zigzag, differences where sorted
neighbours are close. A column of strings is its row count, its length in bytes, and the strings
joined by line feeds.
"""

import itertools
import struct
import zlib

VERSION = 1


def unsigned(values) -> bytes:
    """A column of integers >= 0."""
    values = list(values)
    return _leb128(len(values)) + b"".join(_leb128(value) for value in values)


def signed(values) -> bytes:
    """A column of integers of either sign."""
    return unsigned(_zigzag(value) for value in values)


def differences(values) -> bytes:
    """A column of integers kept as the difference from the row before (the first from 0)."""
    values = list(values)
    return signed(after - before for before, after in itertools.pairwise([0, *values]))


def strings(values) -> bytes:
    """A column of strings without line feeds."""
    values = list(values)
    assert not any("\n" in value for value in values), "a string holds a line feed"
    text = "\n".join(values).encode("utf-8")
    return _leb128(len(values)) + _leb128(len(text)) + text


def degrees(values) -> list[int]:
    """Degrees as whole ten-thousandths (11 m)."""
    return [round(value * 10_000) for value in values]


def container(sections: dict[str, list[bytes]]) -> bytes:
    """The payload made of `sections`, in their order."""
    body = b""
    for tag, columns in sections.items():
        content = b"".join(columns)
        body += tag.encode("ascii") + struct.pack("<I", len(content)) + content
    return b"REFGAZ" + struct.pack("<HI", VERSION, zlib.crc32(body)) + body


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _leb128(value: int) -> bytes:
    assert value >= 0, "a negative number in an unsigned column"
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
