"""Ids: UUIDs as text and from digests, without the detours of the standard library."""

from __future__ import annotations

from hashlib import sha1
from uuid import UUID

import msgspec


def uuid_text(id: UUID) -> str:
    """Write a UUID; the same as ``str``."""
    text: str = msgspec.to_builtins(id)
    return text


def uuid_of_name(namespace: UUID, name: bytes) -> UUID:
    """Give the UUIDv5 (RFC 9562) of a name; the same as :func:`uuid.uuid5`."""
    digest = bytearray(sha1(namespace.bytes + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50  # version 5
    digest[8] = digest[8] & 0x3F | 0x80  # of the RFC's variant
    return msgspec.convert(bytes(digest), UUID)
