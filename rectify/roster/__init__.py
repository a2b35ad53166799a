"""The cast of an office as a workbook: the sheet to fill in, and what it says."""
