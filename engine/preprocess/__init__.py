"""Records -> tensors, and the way back."""
