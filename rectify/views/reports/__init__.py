"""Pages of reports: intake, sources, the matrix."""
