"""A Word document becomes clean lines."""
