"""Calibration, conformal sets and the gate that says whether a case is one the model was made for."""
