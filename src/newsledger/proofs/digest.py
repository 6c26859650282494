"""Digest: one line that stands for everything a ledger held."""

from __future__ import annotations

import re
from typing import Self

import attrs

from newsledger.errors import InvalidProof
from newsledger.fields import shown

DIGEST = "newsledger-digest:"
"""How the text of a digest begins."""

_TEXT = re.compile(DIGEST + r"(0|[1-9][0-9]{0,18}):([0-9a-f]{64})", re.ASCII)


@attrs.frozen
class Digest:
    """What a ledger held up to a position, in 32 bytes.

    Two ledgers with equal digests hold the same entries at the same positions, whatever stores
    they are in. ``str`` gives a line to publish, and :meth:`parse` reads it.

    >>> from newsledger import Ledger
    >>> with Ledger.open() as ledger:
    ...     empty = ledger.digest()
    >>> print(empty)
    newsledger-digest:0:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    >>> Digest.parse(str(empty)) == empty
    True
    """

    position: int
    """How many entries it is about: those at the positions 1 to this one."""

    root: str
    """The root of the Merkle tree (RFC 9162, section 2.1) over their fingerprints, in hex."""

    def __attrs_post_init__(self) -> None:
        if type(self.position) is not int or not _TEXT.fullmatch(str(self)):
            raise InvalidProof(
                f"a digest has a position and 64 hexadecimal digits, not {shown(self.position)}"
                f" and {shown(self.root)}"
            )

    def __str__(self) -> str:
        return f"{DIGEST}{self.position}:{self.root}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a digest from its text; InvalidProof where it is none."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise InvalidProof(
                f"{shown(text)} is no digest: expected {DIGEST}<position>:<64 hex digits>"
            )
        return cls(int(found[1]), found[2])

    @property
    def hash(self) -> bytes:
        """The root as bytes."""
        return bytes.fromhex(self.root)


def as_digest(given: Digest | str) -> Digest:
    """Take a digest, or its text for it."""
    if isinstance(given, Digest):
        return given
    if isinstance(given, str):
        return Digest.parse(given)
    raise TypeError(f"expected a Digest or its text, got {type(given).__name__}")
