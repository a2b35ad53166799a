"""What arrives from outside: headers decoded, files read in a limited child, text looked through."""
