"""Tables in a report that list problems, causes or measures."""
