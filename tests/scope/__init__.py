"""Who may know of what: tried with two more counties beside the first."""
