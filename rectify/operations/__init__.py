"""The verbs: the only code that changes business state."""
