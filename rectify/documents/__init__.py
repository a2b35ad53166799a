"""The Word documents an office hands in: what stands in them, from the same rows as the ledger."""
