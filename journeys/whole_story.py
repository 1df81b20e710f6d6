#!/usr/bin/python3
"""What ./run tells comes true with the programs under test: all of tools/story.sh, in a folder of its own."""
import os
import shutil
import subprocess
import sys
import tempfile

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main():
    folder = tempfile.mkdtemp(prefix="amanat-story-")
    try:
        told = subprocess.run([os.path.join(TREE, "tools", "story.sh")], env=dict(os.environ, AMANAT_VAR=folder),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400, check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if told.returncode != 0:
        print(told.stdout)
    sys.exit(told.returncode)


if __name__ == "__main__":
    main()
