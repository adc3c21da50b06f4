"""The dashboard's server: Streamlit, with the models loading and waiting cases read behind its back."""

import sys
from pathlib import Path

from streamlit.web.cli import main

from dashboard import cache, keeping

if __name__ == "__main__":
    cache.warm_up()
    keeping.begin_reading()
    main(["run", str(Path(__file__).with_name("app.py")), *sys.argv[1:]])
