"""整改台账: a county office's ledger of problems, tracked until each is really fixed."""

__version__ = "0.1.0"
