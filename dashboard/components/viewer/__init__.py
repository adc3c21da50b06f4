"""The image viewer: Cornerstone3D in a Streamlit component, where dragging and scrolling never ask the server."""

from dashboard.components.viewer.component import ViewerState, viewer
from dashboard.components.viewer.records import Curve, Overlay, Preset, Stack

__all__ = ["Curve", "Overlay", "Preset", "Stack", "ViewerState", "viewer"]
