"""What the papers of offices say in words: days, and names of people and units."""
