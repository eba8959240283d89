"""The pages about people: those of an administrator, and one's own."""
