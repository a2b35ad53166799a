"""Official ledgers: issued, filed, verified, compared."""
