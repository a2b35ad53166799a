"""Intake: a report becomes records after a person has looked."""
