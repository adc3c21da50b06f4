"""Tensors -> ModelOutput, one file per family."""
