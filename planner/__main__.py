"""Start-up, kept lean: `planner --version` answers before anything heavy is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """The `planner` and `git-planner` commands."""
    if sys.argv[1:] == ["--version"]:
        from planner import __version__

        print(f"planner {__version__}")
        return 0
    from planner.cli.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
