"""The cast of an office as a sheet names it, compared with what is there."""
