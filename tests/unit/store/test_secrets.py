"""No error repeats a password, in whatever a URL is wrong."""

from __future__ import annotations

import pytest

from newsledger import BaseStatusReported, Ledger, Projection, on
from newsledger.errors import StoreError

SECRET = "s3cret"  # noqa: S105
WRONG = [
    "postgresql://user:s3cret%zz@host/db",
    "postgresql://user:s3cret@[::1/db",
    'postgresql://user:"s3cret"%zz"s3cret"@host/db',
    "postgresql://user:x/s3cret@127.0.0.1:1/db",
    "postgresql://user:x@s3cret@127.0.0.1:1/db",
    "postgresql://user:s3cret@127.0.0.1:1/db",
    "POSTGRESQL://user:s3cret@127.0.0.1:1/db",
    "postgresql://user@127.0.0.1:1/db?password=s3cret%zz",
    "postgresql://user:s3cret@127.0.0.1:nowhere/db",
    "mysql://user:s3cret@host/db",
]


class Statuses(Projection[str]):
    def keys(self, event, entry):
        return (event.base,)

    def initial(self):
        return None

    @on(BaseStatusReported)
    def reported(self, state, event, entry):
        return event.status


def said(error):
    """All that is shown of an error: its text, and those of what it came from."""
    while error is not None:
        yield str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize("url", WRONG)
def test_no_error_tells_a_password(url):
    pytest.importorskip("psycopg")
    with Ledger.open() as ledger:
        for call in lambda: Ledger.open(url), lambda: ledger.materialize(Statuses(), url):
            with pytest.raises(StoreError) as caught:
                call()
            assert not [text for text in said(caught.value) if SECRET in text]


@pytest.mark.parametrize("url", ["postgresql://u:p/w@host/db", "postgresql://u:p@w@host/db"])
def test_what_a_password_must_be_written_as_is_told(url):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="write @ as %40"):
        Ledger.open(url)


def test_the_user_as_a_schema_is_refused():
    """PostgreSQL would put another name in its place."""
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="choose another"):
        Ledger.open("postgresql://127.0.0.1:1/db?schema=%24user")
