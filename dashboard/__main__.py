"""The dashboard's server: Streamlit, with the models loading behind its back from the first moment on."""

import sys
from pathlib import Path

from streamlit.web.cli import main

from dashboard import cache

if __name__ == "__main__":
    cache.warm_up()
    main(["run", str(Path(__file__).with_name("app.py")), *sys.argv[1:]])
