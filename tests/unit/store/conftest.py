"""What the tests of this room share: a path, and other processes."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def url(postgres):
    """The URL of a ledger in PostgreSQL that nobody has made yet."""
    with postgres.schema() as name:
        yield postgres.url(name)


@pytest.fixture
def schema(url):
    return url.rpartition("schema=")[2]


@pytest.fixture
def run():
    """Start Python on a text with arguments; whatever still runs at the end is killed."""
    processes = []

    def start(code, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        for pipe in process.stdin, process.stdout, process.stderr:
            pipe.close()


@pytest.fixture
def said():
    """The words that a process printed until it ended well."""

    def words(process):
        out, err = process.communicate()
        assert process.returncode == 0, err
        return out.split()

    return words
