"""The text cut into sections: problems, causes, directions, and what is left out."""
