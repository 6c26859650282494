"""Hearing from the server that something was recorded, instead of asking again and again.

One thread a recorder, started by the first who waits, listens on a connection of its own and
rings the bell. It rings once whenever it has begun to listen, so that whoever looked before that
looks again; and as long as it does not listen, whoever waits looks at short intervals, and so
finds out for himself, if it is so, that the server is gone.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import TYPE_CHECKING

from newsledger.errors import NewsledgerError
from newsledger.store.postgres.errors import explained
from newsledger.store.watch import LONGEST_PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsledger.store.held import Held
    from newsledger.store.postgres.place import Connection
    from newsledger.store.watch import Bell

# A net beneath the notifications: a look now and then finds also what no notification told.
_SECONDS_WHILE_LISTENING = 1.0
_FIRST_RETRY, _LAST_RETRY = 0.1, 5.0


class Listener:
    """Rings a bell whenever anybody has appended; see the module."""

    def __init__(
        self, connect: Callable[[], Connection], channel: str, bell: Bell, held: Held
    ) -> None:
        """Listen on connections that ``connect`` opens and ``held`` takes charge of."""
        self._connect = connect
        self._channel = channel
        self._bell = bell
        self._held = held
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._listening = False
        self._stopped = False
        self._wake: tuple[socket.socket, socket.socket] | None = None

    def pause(self) -> float:
        """Return how long at most to wait between two looks at the head."""
        return _SECONDS_WHILE_LISTENING if self._listening else LONGEST_PAUSE

    def start(self) -> None:
        """Begin to listen, if it has not begun yet."""
        with self._lock:
            if self._thread is None and not self._stopped:
                self._wake = socket.socketpair()
                self._thread = threading.Thread(
                    target=self._run, name="newsledger-listener", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait until it has closed its connection."""
        with self._lock:
            self._stopped = True
            thread, wake = self._thread, self._wake
        if thread is None or wake is None:
            return
        wake[1].send(b"\0")
        thread.join()
        for end in wake:
            end.close()

    def _run(self) -> None:
        retry = _FIRST_RETRY
        while not self._stopped:
            with contextlib.suppress(NewsledgerError):
                self._listen()
            if self._listening:
                retry = _FIRST_RETRY
            self._listening = False
            # Who waits finds out what is wrong, by looking.
            self._bell.ring()
            self._wait(retry)
            retry = min(retry * 2, _LAST_RETRY)

    def _listen(self) -> None:
        """Ring whenever something is heard, until it is stopped or the connection breaks."""
        with explained("the ledger"):
            connection = self._connect()
            self._held.add(connection)
            try:
                connection.execute(f"LISTEN {self._channel}")
                self._listening = True
                self._bell.ring()
                while not self._stopped:
                    self._wait(None, connection)
                    connection.pgconn.consume_input()
                    heard = False
                    while connection.pgconn.notifies() is not None:
                        heard = True
                    if heard:
                        self._bell.ring()
            finally:
                self._held.close(connection)

    def _wait(self, seconds: float | None, connection: Connection | None = None) -> None:
        if self._wake is None:
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake[0], selectors.EVENT_READ)
            if connection is not None:
                selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.select(seconds)
