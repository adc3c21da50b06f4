"""The image viewer: Cornerstone3D in a Streamlit component, where dragging and scrolling never ask the server."""

from dashboard.components.viewer.component import Edges, Listeners, ViewerState, viewer
from dashboard.components.viewer.records import Curve, Measured, Overlay, Pane, Preset, Region, Stack

__all__ = [
    "Curve",
    "Edges",
    "Listeners",
    "Measured",
    "Overlay",
    "Pane",
    "Preset",
    "Region",
    "Stack",
    "ViewerState",
    "viewer",
]
