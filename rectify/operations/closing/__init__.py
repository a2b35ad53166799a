"""The reviewed procedures: close-out, extension, and what they share."""
