"""`make bench`: all benches, one after the other, each as it is run alone. A bar that is missed stops none of them."""

import subprocess
import sys

from tests.emulator import CHECKOUT

BENCHES = ("connection", "local", "data", "pages", "search")


def main() -> int:
    codes = [subprocess.run([sys.executable, "-m", f"bench.{each}"], cwd=CHECKOUT).returncode for each in BENCHES]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
