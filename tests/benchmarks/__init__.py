"""Measurements, run by `make bench` and printed as ratios."""
