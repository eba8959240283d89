"""The pages of the doors to other programs."""
