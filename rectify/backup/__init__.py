"""The archive of a backup: written and read back."""
