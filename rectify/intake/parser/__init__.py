"""A report's text becomes its outline: pure, lines in, plain values out."""
