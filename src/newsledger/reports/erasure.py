"""Erasure: why and when an entry was taken out of a ledger for good."""

from __future__ import annotations

from datetime import datetime

import attrs


@attrs.frozen
class Erasure:
    """What is known of an erasure: its ``reason``, and when it was done, ``at`` an aware UTC time.

    ``fingerprint``: the SHA-256 of the entry as it was stored, in hexadecimal. Digests and proofs
    are made of it, before and after; whoever kept the entry can show that it is the one.
    """

    reason: str
    at: datetime
    fingerprint: str
