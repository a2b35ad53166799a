"""Pages of the ledger as a file: export, working copy, filing, verifying, comparing, bringing back."""
