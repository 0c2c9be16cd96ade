"""`make bench`: ours, git's and the installed peers' times in one run, as one table.

python -m tests.bench 1000 10000 --json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import peers, vault
from tests.bench.measure import Failed, Place, clock
from tests.bench.measure import version as version_of
from tests.bench.peers import rows_of
from tests.bench.race import Effort, Race
from tests.bench.rows import Results, record, table

LIBRARIES = ("textual", "PyYAML", "watchdog", "markdown-it-py")
_MARKED = re.compile(r"(?s)(<!-- bench -->\n).*?(<!-- /bench -->)")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and write where asked to."""
    arguments = _parser().parse_args(argv)
    if arguments.write is not None and not _MARKED.search(arguments.write.read_text(encoding="utf-8")):
        print(f"{arguments.write}: no <!-- bench --> and <!-- /bench -->", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="planner-bench-") as scratch:
        try:
            results, facts = bench(arguments.sizes, arguments.work, Path(scratch))
        except Failed as fault:
            print(f"make bench: {fault}", file=sys.stderr)
            return 1
    if arguments.json:
        print(json.dumps({"machine": facts, "rows": record(results, arguments.sizes)}, indent=1))
    else:
        print(page(results, arguments.sizes, facts), end="")
    if arguments.write is not None:
        text = arguments.write.read_text(encoding="utf-8")
        new = _MARKED.sub(lambda found: found[1] + page(results, arguments.sizes, facts) + found[2], text)
        arguments.write.write_text(new, encoding="utf-8")
    return 0


def bench(sizes: Sequence[int], work: Path, scratch: Path) -> tuple[Results, dict[str, str]]:
    """Every row at every size; vaults are kept in `work`, what belongs to one run in `scratch`."""
    results, facts = Results(), machine()
    contestants, missing = peers.installed(scratch)
    begun = clock()
    for kind in missing:
        results.add_rows(rows_of(kind)[:1])
        for count in sizes:
            results.sample(rows_of(kind)[0].id, count).fault = "not installed"
    for count in sizes:

        def say(said: str, count: int = count) -> None:
            print(f"{clock() - begun:6.1f} s  {count:,}: {said}", file=sys.stderr, flush=True)

        say("making the vault")
        made = vault.make(count, work)
        facts[f"{count:,} tasks"] = (
            f"{made.size / count:.0f} bytes each, {made.matching} match, {made.differing} differ on the other branch"
        )
        Race(made, results, Effort.fit(count), say).run(contestants)
    return results, facts


def machine() -> dict[str, str]:
    """What the figures were measured on, without a name of the machine or of anybody."""
    here = Place(Path.cwd(), os.environ)
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "git": version_of(here, ["git", "--version"]),
        "planner": version("planner"),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def page(results: Results, sizes: Sequence[int], facts: dict[str, str]) -> str:
    """What stands between the markers: the machine, then the table."""
    said = "".join(f"- {name}: {value}\n" for name, value in facts.items())
    return f"{said}\n{table(results, sizes)}"


def _parser() -> argparse.ArgumentParser:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "planner-bench"
    parser = argparse.ArgumentParser(prog="make bench", description="Measure planner, git and the installed peers.")
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000], metavar="N", help="tasks")
    parser.add_argument("--work", type=Path, default=cache, help="where vaults are kept between runs")
    parser.add_argument("--json", action="store_true", help="every figure as JSON")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the markers of a page, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
