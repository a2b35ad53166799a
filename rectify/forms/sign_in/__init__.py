"""Shapes of signing in: the entry, the second factor, and what a new password must be."""
