"""Journal records and the state hash of the readable matching engine.

A record is 32 bytes: its number, 24 bytes of the message, CRC-32C of both. What the first 24 bytes
of a message do not hold follows in a second record that begins with 0xFF.
"""

from __future__ import annotations

import struct

from desk.trading.messages import Message

_POLYNOMIAL = 0x82F63B78
"""Castagnoli's, reflected (RFC 3720, appendix B.4)."""

_MASK = (1 << 64) - 1


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


class RecordWriter:
    """Numbers and checks the records of each call."""

    def __init__(self) -> None:
        self._table = _table()
        self._seq = 0
        self._records: list[bytes] = []

    def begin(self) -> None:
        """Drops the records of the call before."""
        self._records.clear()

    def write(self, message: Message) -> None:
        """A record, or two, of a message that was carried out."""
        packed = message.pack()
        self._add(packed[:24])
        if message.display or message.expiry or message.flags:
            self._add(b"\xff\0\0\0" + packed[24:] + bytes(12))

    def taken(self) -> bytes:
        """The records since `begin`."""
        return b"".join(self._records)

    def crc32c(self, data: bytes) -> int:
        """CRC-32C of the bytes."""
        crc = 0xFFFFFFFF
        for byte in data:
            crc = crc >> 8 ^ self._table[(crc ^ byte) & 0xFF]
        return crc ^ 0xFFFFFFFF

    def _add(self, body: bytes) -> None:
        self._seq += 1
        head = struct.pack("<I", self._seq & 0xFFFFFFFF) + body
        self._records.append(head + struct.pack("<I", self.crc32c(head)))


class StateHash:
    """64 bits over numbers in turn: xor, multiply by 2^64 over the golden ratio, fold (Knuth, TAOCP 3, 6.4)."""

    def __init__(self, start: int) -> None:
        self.value = start

    def mix(self, *numbers: int) -> None:
        """Takes in more numbers."""
        for number in numbers:
            value = (self.value ^ (number & _MASK)) * 0x9E3779B97F4A7C15 & _MASK
            self.value = value ^ (value >> 32)
