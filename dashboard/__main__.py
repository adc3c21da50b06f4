"""The dashboard's server: Streamlit, with the models loading and waiting cases read behind its back."""

import json
import sys
import tempfile
from pathlib import Path

from streamlit.web.cli import main

import engine
from dashboard import cache, keeping


def secrets_in(folder: Path) -> list[str]:
    """Write the settings of sign-in where Streamlit reads them, for this user's eyes only; the options that say so."""
    asked = engine.sign_in_settings()
    if asked is None:
        return []
    path = folder / "secrets.toml"
    path.touch(mode=0o600)
    lines = [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in asked.provider.items()]
    path.write_text("\n".join(["[auth]", *lines, ""]), encoding="utf-8")
    return [f"--secrets.files={path}"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="attending-") as private:
        options = secrets_in(Path(private))
        cache.warm_up()
        keeping.begin_reading()
        main(["run", str(Path(__file__).with_name("app.py")), *options, *sys.argv[1:]])
