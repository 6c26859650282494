"""Fingerprints: 32 bytes that stand for an entry as it was stored.

A fingerprint is the SHA-256 of the JSON array ``[type, [tag, …]]``, a NUL, and the data. The array
is written without white space, as RFC 8785 has it; its tags are distinct and in the order of their
code points, so that a store may keep them in any order. JSON text has no NUL, so nothing else has
the same framing.

It is what digests and proofs are made of. What was erased keeps the fingerprint that it had, in
the tombstone that takes its place: ``{"erased":"<fingerprint>", …}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from newsledger.errors import CorruptEntry

ERASED = b'{"erased":"'
"""How the data of a tombstone begins; the fingerprint follows, in hexadecimal."""

_DIGITS = 64
_encode = msgspec.json.Encoder().encode


def fingerprint(type: str, tags: Iterable[str], data: bytes) -> bytes:
    """Compute the fingerprint of what is stored, or read it off a tombstone.

    Raises ValueError where a tombstone has none.
    """
    if data.startswith(ERASED):
        kept = bytes.fromhex(data[len(ERASED) : len(ERASED) + _DIGITS].decode())
        if len(kept) * 2 != _DIGITS:
            raise ValueError("the tombstone has no fingerprint")
        return kept
    return sha256(_encode((type, sorted(set(tags)))) + b"\0" + data).digest()


def is_erased(data: bytes) -> bool:
    """Tell whether stored data is a tombstone."""
    return data.startswith(ERASED)


def fingerprint_at(position: int, type: str, tags: Iterable[str], data: bytes) -> bytes:
    """Do the same for what is stored at a position, which CorruptEntry names."""
    try:
        return fingerprint(type, tags, data)
    except ValueError as error:
        raise CorruptEntry(
            f"the entry at position {position} is damaged: {error}; restore a copy",
            position=position,
        ) from error
