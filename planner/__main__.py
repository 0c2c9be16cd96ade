"""Start-up, kept lean: `planner --version` and git's merge driver answer before anything heavy is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """The `planner` and `git-planner` commands."""
    if sys.argv[1:] == ["--version"]:
        from planner import __version__

        print(f"planner {__version__}")
        return 0
    if sys.argv[1:2] == ["merge-driver"]:
        from planner.store.driver import main as merge

        return merge(sys.argv[2:])
    from planner.cli.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
