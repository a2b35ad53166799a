"""Pages of the record: the audit log and purges."""
