"""What is searched: the texts, the index of pairs of characters beside them, and looking a word up."""
