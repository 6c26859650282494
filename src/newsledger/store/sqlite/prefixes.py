"""Prefixes: the range of an index in which all texts lie that begin alike."""

from __future__ import annotations

import sys

from newsledger.store.checksum import storable

_SURROGATES, _AFTER = 0xD800, 0xE000


def bounds(prefix: str) -> tuple[str, str | None] | None:
    """Return the least text with this prefix and the least one beyond, None if there is no end.

    None instead of both says that no stored text can begin so.
    """
    if not storable(prefix):
        return None
    for end in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[end])
        if code < sys.maxunicode:
            # The surrogates between these two are no characters.
            following = _AFTER if code + 1 == _SURROGATES else code + 1
            return prefix, prefix[:end] + chr(following)
    return prefix, None
