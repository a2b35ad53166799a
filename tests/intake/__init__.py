"""Tests of intake: reading files, outlining reports, and the corpus both are measured on."""
