"""The ledger: where codec, store and engine meet."""

from newsledger.ledger.comparing import Diff
from newsledger.ledger.copying import CopyReport, copy
from newsledger.ledger.faults import Fault, Verification
from newsledger.ledger.findings import Audit, Finding
from newsledger.ledger.history import History
from newsledger.ledger.ledger import Ledger
from newsledger.ledger.live import Live
from newsledger.ledger.loading import LoadReport, Rejected
from newsledger.ledger.question import Question
from newsledger.ledger.subscription import Subscription
from newsledger.ledger.view import View

__all__ = [
    "Audit",
    "CopyReport",
    "Diff",
    "Fault",
    "Finding",
    "History",
    "Ledger",
    "Live",
    "LoadReport",
    "Question",
    "Rejected",
    "Subscription",
    "Verification",
    "View",
    "copy",
]
