"""An office's own old sheet: understood and mapped."""
