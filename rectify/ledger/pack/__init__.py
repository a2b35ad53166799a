"""The evidence pack: a ledger and its files as one zip."""
