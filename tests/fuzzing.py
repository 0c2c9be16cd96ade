"""Hostile files, read in a process of their own: a crash of it is seen, its time and memory are counted.

    python -m tests.fuzzing mutants SEED COUNT    random and mutated bytes, the same for the same seed
    python -m tests.fuzzing bombs                 small files that ask for endless time or memory

Each prints one JSON document; what went wrong is in `failures`, each with what it takes to have it again.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from planner.core.config import Config, parse_config
from planner.core.model import Unread
from planner.core.parse import parse_file

ROOT = Path(__file__).parents[1]
SECONDS = 0.2
MEGABYTES = 50
LARGEST = 40_000  # bytes of a file that is taken for mutation
SPECIALS = (
    b":", b": ", b"- ", b"\n- ", b"#", b" #", b"'", b'"', b"[", b"]", b"{", b"}", b",", b"&a ", b"*a", b"!", b"!!str ", b"|\n", b">\n", b"%", b"@", b"`",
    b"<<: ", b"---\n", b"\n---\n", b"...\n", b"? ", b"\t", b"\r", b"\r\n", b"\0", b"\x1b", b"\x85", b"\xc3", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8",
    b"\xed\xa0\x80", b"<<<<<<< a\n", b"=======\n", b">>>>>>> b\n", b"+++\n", b"{\n", b"- [ ] ", b"[[", b"](", b"```\n", b"## Log\n", b"\\", b"~", b"0x", b"9" * 30,
)  # fmt: skip


def corpus() -> list[bytes]:
    """What mutation starts from: the gallery of faults, the sample vault, the table of bad inputs."""
    from tests.bad_inputs import MORE, ROWS

    files = [
        path.read_bytes()
        for folder in ("tests/problems", "sample-vault")
        for path in sorted((ROOT / folder).rglob("*.md"))
    ]
    rows = [content for row in (*ROWS, *MORE) for content in row.files.values() if not isinstance(content, Unread)]
    return [data for data in (*files, *rows) if len(data) <= LARGEST]


def mutant(random: Random, seeds: list[bytes]) -> bytes:
    """Random bytes one time in eight, else a file of the corpus changed one to eight times."""
    if random.random() < 0.125:
        return random.randbytes(random.randrange(400))
    data = random.choice(seeds)
    for _ in range(random.randint(1, 8)):
        data = random.choice(CHANGES)(random, data, seeds)
    return data[: 2 * LARGEST]


def _flip(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


def _cut(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def _splice(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    other = random.choice(seeds)
    start, end = _span(random, other)
    at = random.randrange(len(data) + 1)
    return data[:at] + other[start:end] + data[at:]


def _repeat(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    start, end = _span(random, data)
    times = random.choice((2, 3, 10, 300))
    return data[:start] + (data[start:end] * times)[:LARGEST] + data[end:]


def _insert(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(SPECIALS) * random.choice((1, 1, 1, 2, 50)) + data[at:]


def _span(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 4, 20, 200)))


CHANGES: tuple[Callable[[Random, bytes, list[bytes]], bytes], ...] = (_flip, _cut, _splice, _repeat, _insert, _insert)


def aliases() -> str:
    rows = [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, 9)]
    return "\n".join(["k0: &k0 [x, x, x, x, x, x, x, x, x]", *rows])


def merges() -> str:
    return "\n".join(["m0: &m0 {a: 1}", *(f"m{n}: &m{n}\n  <<: [*m{n - 1}, *m{n - 1}]" for n in range(1, 24))])


BOMBS: Mapping[str, str] = {
    "aliases of aliases": f"---\n{aliases()}\n---\n",
    "merges of merges": f"---\n{merges()}\n---\n",
    "one anchor, many aliases": f"---\nk: &a [{'x, ' * 5_000}x]\nl: [{'*a, ' * 5_000}*a]\n---\n",
    "a list in itself": "---\nk: &a [*a, *a]\n---\n",
    "deep lists": f"---\nk: {'[' * 60_000}\n---\n",
    "deep and closed lists": f"---\nk: {'[' * 30_000}{']' * 30_000}\n---\n",
    "deep maps": f"---\nk: {'{a: ' * 15_000}\n---\n",
    "deep dashes": f"---\nk:\n{'- ' * 30_000}x\n---\n",
    "deep keys": "---\nk:\n" + "\n".join(f"{' ' * n}a:" for n in range(1, 340)) + "\n---\n",
    "many keys": "---\n" + "".join(f"k{n}: 1\n" for n in range(6_000)) + "---\n",
    "many lines that are none": f"---\nk: v\n{'a' + chr(10)}" * 1 + "a\n" * 30_000 + "---\n",
    "many open brackets": f"---\n{'tags: [a,' + chr(10)}" * 1 + "tags: [a,\n" * 6_000 + "---\n",
    "many values": f"---\ntags: [{'t, ' * 20_000}t]\n---\n",
    "a number of 60,000 digits": f"---\nestimate: {'7' * 60_000}\nvalue: {'9' * 3_000}\n---\n",
    "a rule of 60,000 words": f"---\nrecurrence: {'every ' * 10_000}\n---\n",
    "deep JSON": '{"a":' * 12_000 + "1" + "}" * 12_000 + "\n",
    "deep TOML": f"+++\na = {'[' * 30_000}{']' * 30_000}\n+++\n",
    "many merge markers": "---\ntitle: x\n---\n" + "<<<<<<< a\n=======\n" * 100_000,
    "many links that never close": "[a](" * 480_000,
    "many fences": "```\nx\n```\n- [ ] y\n" * 20_000,
    "deep settings": f"[views]\na = {'[' * 30_000}{']' * 30_000}\n",
    "many spaces": ("# a" + " " * 5_000 + "b\n- [ ] a" + " " * 5_000 + "b\n") * 100,
}  # fmt: skip
"""Files of at most 2 MB (larger ones are not read) by what they try; `deep settings` is a planner.toml."""


def read(name: str, text: str, config: Config) -> None:
    """One file as the vault reads it: nothing it says may be lost."""
    if name == "deep settings":
        parse_config(text)
        return
    parsed = parse_file("tasks/x.md", text, config)
    assert parsed.text == text
    assert [str(problem) for problem in parsed.problems] or parsed.item is not None or parsed.text is not None


def timed(name: str, text: str, config: Config) -> float:
    """Seconds of the processor's time to read it: the best of three where the first is slow."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        read(name, text, config)
        best = min(best, time.process_time() - start)
        if best < SECONDS:
            break
    return best


def attempt(cases: Mapping[str, str]) -> dict[str, object]:
    """Reads every case; the longest time, the memory it took more, and what failed."""
    config = Config()
    failures: list[str] = []
    slowest, slowest_case = 0.0, ""
    for name, text in cases.items():
        try:
            seconds = timed(name, text, config)
        except Exception as error:  # noqa: BLE001 (any exception is the finding)
            failures.append(f"{name}: {type(error).__name__}: {str(error)[:200]}")
            continue
        if seconds > slowest:
            slowest, slowest_case = seconds, name
        if seconds > SECONDS:
            failures.append(f"{name}: {seconds:.2f} s")
    return {"count": len(cases), "failures": failures, "seconds": slowest, "slowest": slowest_case}


def bound_memory() -> None:
    """From here on this process may take MEGABYTES more, not a page above."""
    pages = Path("/proc/self/statm")
    if pages.is_file():
        now = int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + MEGABYTES * 1_000_000, resource.RLIM_INFINITY))


def main(mode: str, seed: str = "0", count: str = "1") -> None:
    """Reads the cases of a mode and prints what came of them."""
    seeds = corpus()
    for data in seeds:  # everything that is loaded once is loaded now
        parse_file("tasks/x.md", data.decode("utf-8", "surrogateescape"), Config())
    parse_config("[vault]\nname = 'x'\n")
    random = Random(int(seed))
    if mode == "bombs":
        cases: Mapping[str, str] = BOMBS
    else:
        cases = {
            f"seed {seed}, case {n}": mutant(random, seeds).decode("utf-8", "surrogateescape")
            for n in range(int(count))
        }
    bound_memory()
    json.dump(attempt(cases), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
