"""The web server: processes that share one listening socket, kept alive and bounded."""
