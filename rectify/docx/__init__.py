"""Word documents as such: what a page of an official paper is made of, and how it is written."""
