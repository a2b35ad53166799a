"""What a cause or a direction speaks of, and by which words."""
