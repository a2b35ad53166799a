"""The administration of reference data: its frame, and what it holds."""
