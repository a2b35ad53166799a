"""The shape of lists."""
