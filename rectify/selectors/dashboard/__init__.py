"""The numbers of the overviews, of today or of a date."""
