"""Forms: the shape of input."""
