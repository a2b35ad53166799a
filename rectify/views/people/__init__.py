"""Pages of accounts, stand-ins and handing over."""
