"""One file a page; `dashboard.app` lists them."""
