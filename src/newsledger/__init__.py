"""newsledger: an event-sourced ledger of the news.

Record what articles report; ask what was the case on any day, as it was known on any other day,
and why. The map:

- **record**: :class:`Ledger`, :class:`Source`, :class:`Report`, :class:`Hop`, and the events
  (:class:`MeetingHeld`, :class:`MembershipStarted`, …), with dates as :class:`When`;
- **ask**: :meth:`Ledger.as_of` gives a :class:`View`; :mod:`newsledger.projections` has the
  questions that are built in, :class:`Projection` and :func:`on` make others;
- **extend**: :class:`Event`, :func:`event` and :mod:`newsledger.fields` for types of your own;
- **prove**: :meth:`Ledger.digest`, :meth:`Ledger.prove` and :func:`verify_proof` show others that
  it was recorded so, :meth:`Ledger.verify` looks for damage;
- **move**: :func:`copy` brings a ledger to another store;
- **wait**: :class:`Progress` tells how far long work has come, :func:`newsledger.progress.bar`
  draws it;
- **what can go wrong**: :mod:`newsledger.errors`.
"""

from newsledger.engine import All, Conflict, Projection, on
from newsledger.errors import (
    AppendConflict,
    CorruptEntry,
    EntryErased,
    ErasureUnfinished,
    FuturePublication,
    InvalidEvent,
    InvalidProof,
    InvalidWhen,
    LedgerClosed,
    NewsledgerError,
    ProjectionError,
    StoreError,
    UnknownEntry,
    UnknownEventType,
    WrongLedger,
)
from newsledger.events import (
    AgendaItem,
    AgreementReached,
    BaseStatusReported,
    CommitmentMade,
    ErasedEvent,
    Event,
    EventScheduled,
    ExpectationStated,
    InteractionReported,
    MeetingHeld,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
    Money,
    OfferMade,
    OpaqueEvent,
    OutcomeRecorded,
    RoleEnded,
    RoleHeld,
    RoleStarted,
    StatementMade,
    TradeReported,
    TreatyActionTaken,
    event,
)
from newsledger.ledger import (
    CopyReport,
    Diff,
    Fault,
    History,
    Ledger,
    Live,
    LoadReport,
    Subscription,
    Verification,
    View,
    copy,
)
from newsledger.progress import Progress
from newsledger.proofs import (
    ConsistencyProof,
    Digest,
    InclusionProof,
    Proven,
    read_proof,
    verify_proof,
)
from newsledger.readmodels import ReadModel
from newsledger.reports import Entry, Erasure, Hop, Report, Source
from newsledger.when import FOREVER, TODAY, When

__version__ = "0.1.0"

__all__ = [
    "FOREVER",
    "TODAY",
    "AgendaItem",
    "AgreementReached",
    "All",
    "AppendConflict",
    "BaseStatusReported",
    "CommitmentMade",
    "Conflict",
    "ConsistencyProof",
    "CopyReport",
    "CorruptEntry",
    "Diff",
    "Digest",
    "Entry",
    "EntryErased",
    "ErasedEvent",
    "Erasure",
    "ErasureUnfinished",
    "Event",
    "EventScheduled",
    "ExpectationStated",
    "Fault",
    "FuturePublication",
    "History",
    "Hop",
    "InclusionProof",
    "InteractionReported",
    "InvalidEvent",
    "InvalidProof",
    "InvalidWhen",
    "Ledger",
    "LedgerClosed",
    "Live",
    "LoadReport",
    "MeetingHeld",
    "MembersListed",
    "MembershipConfirmed",
    "MembershipEnded",
    "MembershipStarted",
    "Money",
    "NewsledgerError",
    "OfferMade",
    "OpaqueEvent",
    "OutcomeRecorded",
    "Progress",
    "Projection",
    "ProjectionError",
    "Proven",
    "ReadModel",
    "Report",
    "RoleEnded",
    "RoleHeld",
    "RoleStarted",
    "Source",
    "StatementMade",
    "StoreError",
    "Subscription",
    "TradeReported",
    "TreatyActionTaken",
    "UnknownEntry",
    "UnknownEventType",
    "Verification",
    "View",
    "When",
    "WrongLedger",
    "copy",
    "event",
    "on",
    "read_proof",
    "verify_proof",
]
