"""The official ledger in Excel, both directions."""
