"""All questions, in the order of the report."""

from __future__ import annotations

import asking
import everything
import folding
import living
import processes
import proving

QUESTIONS = (
    *asking.QUESTIONS,
    *everything.QUESTIONS,
    *living.QUESTIONS,
    *folding.QUESTIONS,
    *processes.QUESTIONS,
    *proving.QUESTIONS,
)
