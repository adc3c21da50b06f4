"""The dashboard's server: Streamlit's application behind our headers, with models loading behind the readers' backs."""

import sys

import engine

if __name__ == "__main__":
    engine.begin_logs()  # before libraries make loggers of their own
    from dashboard.server import main

    sys.exit(main())
