"""What arrives and what leaves: uploads, sources, imports, exports, filed ledgers."""
