"""Uncertain dates, as the news gives them, and the points from which a ledger is seen.

:class:`When` is the date of everything; :func:`as_point` and :func:`end_of` read the arguments of
``as_of`` and its like.
"""

from newsledger.when.points import FOREVER, TODAY, Forever, PointLike, Today, as_point, end_of
from newsledger.when.value import When

__all__ = ["FOREVER", "TODAY", "Forever", "PointLike", "Today", "When", "as_point", "end_of"]
