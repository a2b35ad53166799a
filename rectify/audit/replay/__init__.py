"""Playing the entries again: what the rows must be."""
