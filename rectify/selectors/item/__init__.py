"""What the page of one item shows."""
