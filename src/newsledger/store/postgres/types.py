"""The numbers of event types, as far as this process has met them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from newsledger.store.postgres.place import Connection

_ALL = "SELECT id, name FROM type"


class Types:
    """Names and numbers of types; the table is read again whenever one is missing."""

    def __init__(self, fetch: Callable[[str, Sequence[Any]], list[Any]]) -> None:
        self._fetch = fetch
        self._ids: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def forget(self) -> None:
        """Forget all: what was rolled back may give its numbers to other types."""
        self._ids, self._names = {}, {}

    def name(self, number: int) -> str:
        """Return the name of a type; LookupError where it has none."""
        name = self._names.get(number)
        if name is None:
            self._read()
            name = self._names[number]
        return name

    def known(self, names: Iterable[str]) -> dict[str, int]:
        """Return the numbers of those of some types that any event has."""
        wanted = set(names)
        ids = self._ids
        if not wanted <= ids.keys():
            ids = self._read()
        return {name: ids[name] for name in wanted if name in ids}

    def made(self, names: Iterable[str], connection: Connection) -> dict[str, int]:
        """Return the numbers of all of some types; the caller holds the lock to number new ones."""
        wanted = dict.fromkeys(names)
        if missing := [name for name in wanted if name not in self._ids]:
            known = self._keep(connection.execute(_ALL, binary=True).fetchall())
            missing = [name for name in missing if name not in known]
            for number, name in enumerate(missing, max(list(known.values()), default=0) + 1):
                connection.execute("INSERT INTO type VALUES (%s, %s)", (number, name.encode()))
                self._ids[name], self._names[number] = number, name
        return {name: self._ids[name] for name in wanted}

    def _read(self) -> dict[str, int]:
        return self._keep(self._fetch(_ALL, ()))

    def _keep(self, rows: list[Any]) -> dict[str, int]:
        for number, name in rows:
            text = str(name, "utf-8", "replace")
            self._ids[text], self._names[number] = number, text
        return self._ids
