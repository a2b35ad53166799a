"""Pages: who may open them, what they show, what they refuse."""
