"""``python -m sample_data [FOLDER]`` writes the sample cases again, and the library of abstracts beside them."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from sample_data import SEED, generate
from sample_data.abstracts import write_library


def main() -> None:
    """Write all cases into the folder given, or into the one that ships."""
    parser = argparse.ArgumentParser(prog="python -m sample_data", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent / "cases")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    generate(arguments.folder, arguments.seed)
    write_library(arguments.folder.with_name("library"), arguments.seed)


if __name__ == "__main__":
    main()
