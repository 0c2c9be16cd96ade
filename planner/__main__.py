"""Start-up, kept lean: `planner --version` and git's merge driver answer before anything heavy is imported."""

from __future__ import annotations

import gc
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
    # A command ends before there would be much to collect, and looking for it takes a third of the time where a
    # plan is large. The screen collects again as soon as it stands.
    gc.disable()
    from planner.cli.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
