"""SQLite for several processes of one machine: those who write stand in a queue."""
