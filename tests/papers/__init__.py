"""Words of papers."""
