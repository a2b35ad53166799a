"""What the demonstration plays."""
