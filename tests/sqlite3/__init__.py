"""The queue of writers."""
