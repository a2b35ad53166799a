"""What a person holds, who is fit to take it, and what moving a unit would change."""
