"""One act on many items: decided before the lock, stored under it in a few statements."""
