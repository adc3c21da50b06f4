"""The image viewer: Cornerstone3D in a Streamlit component, where dragging and scrolling never ask the server."""

from dashboard.components.viewer.component import BoxTaken, ViewerState, viewer
from dashboard.components.viewer.records import Curve, Measured, Overlay, Preset, Region, Stack

__all__ = ["BoxTaken", "Curve", "Measured", "Overlay", "Preset", "Region", "Stack", "ViewerState", "viewer"]
