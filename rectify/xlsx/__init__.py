"""Excel as such: safe reading, cells, values. Knows no model and no word of the domain."""
