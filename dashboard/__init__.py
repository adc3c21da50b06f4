"""The screen of Attending: the only room that knows Streamlit, built on public names of `engine`."""
