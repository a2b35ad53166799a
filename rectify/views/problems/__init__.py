"""Pages of the items: the list, one item, and the verbs on it."""
