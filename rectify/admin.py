"""Reference data only; every saving calls an operation or leaves an audit entry; state is never edited here."""
