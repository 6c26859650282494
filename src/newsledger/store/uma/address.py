"""Where a UmaDB server is: the address ``umadb://…`` taken apart."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from newsledger.errors import StoreError
from newsledger.store.base import StoreValueError

_PORT = 50051
_FORM = "write umadb://host:port, or umadb://key@host:port?ca=file.pem"


@dataclass(frozen=True, slots=True)
class Address:
    """A server, and how to speak to it; the key is not shown."""

    host: str
    port: int
    tls: bool = False
    ca: str | None = None
    key: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """What the client is given."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"umadb://{self.host}:{self.port}"


def address(url: str) -> Address:
    """Read ``umadb://[key@]host[:port][?tls=1][&ca=file]``; a ``ca`` or a key goes with TLS.

    The key never stands in the text of an error.
    """
    try:
        parts = urlsplit(url)
        user, _, place = parts.netloc.rpartition("@")
        host, port = parts.hostname, parts.port
        given = dict(
            parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        )
    except ValueError as error:
        raise StoreValueError(
            f"the address of a UmaDB server cannot be read ({error}): {_FORM}"
        ) from None
    if not host:
        raise StoreValueError(f"umadb://{place} names no host: {_FORM}")
    if parts.path not in {"", "/"} or parts.fragment:
        raise StoreValueError(
            f"umadb://{place} is followed by {(parts.path or parts.fragment)!r}, and a server keeps"
            f" just one ledger: {_FORM}"
        )
    if strangers := given.keys() - {"tls", "ca"}:
        raise StoreValueError(f"umadb://{place} knows no parameter {min(strangers)!r}: {_FORM}")
    if given.get("tls", "1") not in {"0", "1"}:
        raise StoreValueError(f"umadb://{place}: tls is 0 or 1, not {given['tls']!r}")
    ca, key = given.get("ca"), unquote(user) or None
    if ca is not None:
        _check_readable(ca, place)
    tls = given.get("tls") == "1" or ca is not None
    if key is not None and not tls:
        raise StoreValueError(
            f"umadb://{place} is given an API key without TLS, and anybody on the way could read"
            " it: add ?tls=1, or ?ca= with the file of the server's certificate"
        )
    return Address(f"[{host}]" if ":" in host else host, port or _PORT, tls, ca, key)


def _check_readable(ca: str, place: str) -> None:
    # The client brings the whole process down over a file that it cannot read.
    try:
        text = Path(ca).read_bytes()
    except OSError as error:
        refused = StoreError(
            f"umadb://{place}: the certificate {ca!r} cannot be read: {error.strerror}"
        )
        refused.errno = error.errno or errno.EIO
        raise refused from None
    if b"-----BEGIN CERTIFICATE-----" not in text:
        raise StoreValueError(f"umadb://{place}: {ca!r} is no certificate in PEM form")
