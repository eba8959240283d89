"""The whole job once, on real data and in earnest."""
