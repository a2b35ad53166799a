"""The working copy: out, filled in, back, merged and loaded."""
