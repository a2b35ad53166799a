"""A person looks an outline over and changes it."""
