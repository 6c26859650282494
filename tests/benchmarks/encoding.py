"""What ``codec.py`` beside this file tells of encoding and decoding, where it is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("codec.py")


def told() -> str:
    """Run it in a process of its own, and give what it prints; nothing where it is not there."""
    if not SCRIPT.exists():
        return ""
    print("\nEncoding and decoding (codec)", flush=True)
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{SCRIPT} failed:\n{done.stderr}")
    print(done.stdout)
    return done.stdout
