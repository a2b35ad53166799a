"""Rules of the house that no other test would notice being broken."""
