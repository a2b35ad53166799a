"""Tests of the bundle and its installer."""
