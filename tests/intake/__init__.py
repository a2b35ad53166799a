"""Intake: what a person does to a parsed report, the plan, and the load."""
