"""报送材料: the Word documents of a ledger, to choose, to write and to download."""
