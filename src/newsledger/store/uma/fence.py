"""How appends are kept one behind the other, on a server that has no lock.

With each append goes a number, the fence, which the server takes only if it is above the last one,
in the same transaction as the events. Whoever appends right after position ``p`` brings
``(p + 1) << 20``. An append that was planned before another was recorded brings too little, and is
refused with a short answer. All of a ledger's appends go this way, also those without a condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsledger.store.uma.server import Overtaken

if TYPE_CHECKING:
    import umadb

    from newsledger.store.uma.server import Server

_SOURCE = "newsledger"
_ROOM = 20


def append_after(server: Server, events: list[umadb.Event], base: int) -> int | None:
    """Append behind the server's position ``base``, which is or was its last.

    Returns the last position, or None where something had been appended in between.
    """
    fence = (base + 1) << _ROOM
    while True:
        try:
            return server.append(events, _SOURCE, fence)
        except Overtaken:
            # In this order: whoever appends after the first look raises the fence above ours.
            last = server.fence(_SOURCE)
            if server.head() != base:
                return None
            # A fence without its events: nobody's append, so we go on above it.
            fence = max(last, fence) + 1
