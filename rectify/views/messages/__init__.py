"""Pages of messages: one's own, and how a ledger's leave the house."""
