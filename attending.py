"""The distribution under its own name: ``python -m attending`` is the command line, like ``python -m engine``.

Streamlit looks for a distribution's components beside the module of its name, in wheels and editable installs alike
(``streamlit.components.v2.manifest_scanner``).
"""

import sys

if __name__ == "__main__":
    from engine.cli import main

    sys.exit(main())
