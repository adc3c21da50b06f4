"""Attention and gradients -> maps on the source, and how far they can be believed."""
