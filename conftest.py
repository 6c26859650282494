"""Every snippet in README, docs and docstrings runs as a test.

The snippets of a page share one namespace and run in order, in an empty folder of their own;
where tests run in several processes, ``--dist=loadfile`` keeps a page in one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

from newsledger import Ledger

_HOME = Path.cwd()
_FOLDER = "__folder_of_this_page__"


class _Docstrings(PythonDocStringDocument):
    """The docstrings of a module, whose snippets see its names."""

    def import_document(self, example: Example) -> None:
        """Import it, but not its ``from __future__ import annotations``: users have none."""
        try:
            super().import_document(example)
        finally:
            self.namespace.pop("annotations", None)


def _enter(namespace: dict[str, Any]) -> None:
    namespace[_FOLDER] = tempfile.mkdtemp(prefix="newsledger-page-")
    os.chdir(namespace[_FOLDER])


def _leave(namespace: dict[str, Any]) -> None:
    for value in list(namespace.values()):
        if isinstance(value, Ledger):
            value.close()
        if isinstance(value, subprocess.Popen) and value.poll() is None:
            value.terminate()
            value.communicate()
    os.chdir(_HOME)
    # Only the folder that was made for this page, by its own name, wherever the tests stand now.
    folder = Path(namespace.pop(_FOLDER))
    if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith("newsledger-page-"):
        shutil.rmtree(folder, ignore_errors=True)


_PAGES = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/**/*.md"],
    # It needs a server, and is run by tests/unit/store/test_postgres_page.py.
    excludes=["docs/how-to/postgresql.md"],
    setup=_enter,
    teardown=_leave,
)
_DOCSTRINGS = Sybil(
    parsers=[DocTestParser()],
    patterns=["src/newsledger/**/*.py"],
    document_types={".py": _Docstrings},
    setup=_enter,
    teardown=_leave,
)

pytest_collect_file = (_PAGES + _DOCSTRINGS).pytest()
