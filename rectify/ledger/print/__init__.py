"""The official forms as sheets to print."""
