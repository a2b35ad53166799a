"""A file becomes clean lines."""
