"""Proofs: one line that stands for a whole ledger, and what shows that an entry is in it.

`merkle` is the arithmetic, `digest` and `proof` are what is handed around, `verifying` checks it.
None of it knows a ledger.
"""

from newsledger.proofs.digest import DIGEST, Digest, as_digest
from newsledger.proofs.proof import ConsistencyProof, InclusionProof, Proof, Stored, read_proof
from newsledger.proofs.verifying import Proven, verify_proof

__all__ = [
    "DIGEST",
    "ConsistencyProof",
    "Digest",
    "InclusionProof",
    "Proof",
    "Proven",
    "Stored",
    "as_digest",
    "read_proof",
    "verify_proof",
]
