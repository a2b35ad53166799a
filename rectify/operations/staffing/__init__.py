"""Who holds what, and where units hang: handing over, moving and merging."""
