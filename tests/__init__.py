"""Tests, mirroring the rooms of the application."""
