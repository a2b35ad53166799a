"""Messages out of the house, by e-mail and to a chat robot: one attempt each, told as an outcome."""
