"""Evidence files: kept, hashed, synced."""
