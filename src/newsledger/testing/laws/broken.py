"""What is raised where a law is broken."""

from __future__ import annotations

import textwrap
from typing import Any

from newsledger.engine import Projection
from newsledger.testing.stories import Story


class Unlawful(Exception):
    """A law does not hold of a case; the text says what was seen, as the end of a sentence."""


class BrokenLaw(AssertionError):
    """A projection breaks a law: on these few reports, shrunk as far as they still show it.

    ``law`` is its name, as in :mod:`newsledger.testing.laws`, ``projection`` the one that breaks
    it, ``story`` what has to happen to a ledger for it, and ``seen`` what was seen then. The text
    says it all, with the story as code for a test that is to stay.
    """

    def __init__(
        self, law: str, sentence: str, projection: Projection[Any], story: Story, seen: str
    ) -> None:
        name = type(projection).__name__
        code = textwrap.indent(str(story), "    ")
        super().__init__(f"{name} breaks {law}: {sentence}. Here {seen}.\n\n{code}\n")
        self.law = law
        self.projection = projection
        self.story = story
        self.seen = seen
