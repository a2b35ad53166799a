"""The health check (台账体检): rules that a ledger should keep, what breaks them, and how to mend it."""
