"""`python -m gisgrid.sample [FOLDER]` builds the sample's files; the default folder is data/kuichong."""

import sys
from pathlib import Path

from gisgrid.sample.files import write_sample

if __name__ == "__main__":
    for path in write_sample(Path(*sys.argv[1:2] or ["data/kuichong"])):
        sys.stdout.write(f"{path}\n")
