"""``python -m newsledger``: a short tour."""

import sys

from newsledger.tour import tour

if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit("python -m newsledger takes no arguments: it runs a short tour")
    for line in tour():
        print(line)
