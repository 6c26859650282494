"""Proofs: what shows, without the ledger, that an entry or a past is in a digest."""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs
import msgspec

from newsledger.errors import InvalidProof
from newsledger.fields import shown

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


@attrs.frozen
class Stored:
    """An entry as a store keeps it: the name that it is filed under, its tags, its JSON text.

    The tags are in the order of their code points.
    """

    type: str
    tags: tuple[str, ...]
    data: str


@attrs.frozen(repr=False)
class InclusionProof:
    """That an entry is at a position of the ledger that had a certain digest.

    ``size`` is the digest's position. ``entry`` is the entry as it is stored; of one that was
    erased there is only its ``fingerprint``, in hex. ``path`` are the hashes that lead from it to
    the digest.

    ``str`` gives one line of JSON, and :func:`read_proof` reads it. A proof is worth nothing until
    :func:`verify_proof` has checked it.
    """

    position: int
    size: int
    entry: Stored | None
    fingerprint: str | None
    path: tuple[str, ...]

    def __str__(self) -> str:
        given = self.entry
        entry = None if given is None else _Stored(given.type, given.tags, given.data)
        return _text(_Inclusion(self.position, self.size, entry, self.fingerprint, self.path))

    def __repr__(self) -> str:
        erased = " (erased)" if self.entry is None else ""
        return f"<InclusionProof of entry {self.position}{erased} in the first {self.size}>"


@attrs.frozen(repr=False)
class ConsistencyProof:
    """That the ledger which had the newer digest begins with all that had the older one.

    ``older`` and ``newer`` are the digests' positions, ``path`` the hashes that lead to both.

    ``str`` gives one line of JSON, and :func:`read_proof` reads it. A proof is worth nothing until
    :func:`verify_proof` has checked it.
    """

    older: int
    newer: int
    path: tuple[str, ...]

    def __str__(self) -> str:
        return _text(_Consistency(self.older, self.newer, self.path))

    def __repr__(self) -> str:
        return f"<ConsistencyProof of the first {self.older} in the first {self.newer}>"


Proof: TypeAlias = InclusionProof | ConsistencyProof


def read_proof(text: str) -> Proof:
    """Read a proof of either kind from its text; InvalidProof where it is none, to the letter."""
    if not isinstance(text, str):
        raise TypeError(f"expected a proof or its text, got {type(text).__name__}")
    try:
        read = _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise InvalidProof(f"{shown(text)} is no proof: {error}") from error
    # One proof has one text: what reads alike must not differ.
    if _text(read) != text:
        raise InvalidProof(f"{shown(text)} is no proof as newsledger writes it")
    if isinstance(read, _Consistency):
        _check_hashes(read.path)
        return ConsistencyProof(read.older, read.newer, read.path)
    if (read.entry is None) == (read.fingerprint is None):
        raise InvalidProof("a proof of inclusion has either an entry or a fingerprint")
    _check_hashes(read.path if read.fingerprint is None else (read.fingerprint, *read.path))
    given = read.entry
    if given is not None and given.tags != tuple(sorted(set(given.tags))):
        raise InvalidProof("the tags in a proof are in order, each once")
    entry = None if given is None else Stored(given.type, given.tags, given.data)
    return InclusionProof(read.position, read.size, entry, read.fingerprint, read.path)


def _check_hashes(hashes: tuple[str, ...]) -> None:
    for hash in hashes:
        if not _HASH.fullmatch(hash):
            raise InvalidProof(f"a hash in a proof has 64 hexadecimal digits, not {shown(hash)}")


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    tags: tuple[str, ...]
    data: str


class _Inclusion(
    msgspec.Struct,
    tag="inclusion",
    tag_field="proof",
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    position: int
    size: int
    entry: _Stored | None = None
    fingerprint: str | None = None
    path: tuple[str, ...] = ()


class _Consistency(
    msgspec.Struct,
    tag="consistency",
    tag_field="proof",
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    older: int
    newer: int
    path: tuple[str, ...] = ()


_DECODER = msgspec.json.Decoder(_Inclusion | _Consistency)


def _text(wire: _Inclusion | _Consistency) -> str:
    return msgspec.json.encode(wire).decode()
