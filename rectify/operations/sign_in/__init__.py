"""The verbs around signing in: the second factor, attempts counted, sessions ended."""
