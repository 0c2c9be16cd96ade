"""Texts to the clipboard: by the terminal's own sequence (OSC 52), and by the desktop's program where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess

PROGRAMS = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
"""Programs that take the clipboard's text from their input, and the variable without which each is of no use."""

PATIENCE = 2.0  # seconds


def copy(text: str) -> bool:
    """Give the text to the desktop's program; False where there is none here, or it fails."""
    argv = next(
        (argv for needs, argv in PROGRAMS if (not needs or os.environ.get(needs)) and shutil.which(argv[0])), None
    )
    if argv is None or os.environ.get("SSH_CONNECTION"):
        return False
    try:
        done = subprocess.run(
            argv,
            input=text.encode(),
            timeout=PATIENCE,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def advice() -> str:
    """What else may be needed so that the terminal's own sequence arrives; nothing where nothing is known to be."""
    if os.environ.get("TMUX"):
        return "in tmux: set -g set-clipboard on"
    if os.environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return "Terminal.app takes no text from programs"
    return ""
