"""The ledger: an append-only audit log that a third party can verify without us."""
