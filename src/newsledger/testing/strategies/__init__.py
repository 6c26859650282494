"""Hypothesis strategies for the values of the library."""

from newsledger.testing.strategies.whens import whens

__all__ = ["whens"]
