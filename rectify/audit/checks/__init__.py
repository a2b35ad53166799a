"""What verification holds against the record: entries, rows, files, derived values."""
