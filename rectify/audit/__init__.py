"""The record: entries appended to chains, the triggers that keep them, and their verification."""
