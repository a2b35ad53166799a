"""HTTP only: fetch with access, form, one verb, redirect or render."""
