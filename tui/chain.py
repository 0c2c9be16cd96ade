"""What an item waits for and what waits for it, step by step, to go to any of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.core.model import Item
from tui.pickers.choose import Choice, Choose, choice
from tui.shell import Shell

DEPTH = 12
"""Steps followed each way."""


class Chain(Shell):
    """The action that follows dependencies."""

    def action_chain(self) -> None:
        """Show the chain of the cursor's item; enter goes to one of it."""
        item, vault = self.items[0], self.vault
        before = [*_walk(item, vault.predecessors)]
        after = [*_walk(item, vault.successors)]
        if not before and not after:
            self.say(f"{item.title} waits for nothing, and nothing for it: b chooses what it waits for")
            return
        rows = [
            *(_row(found, depth, "⊘" if vault.is_open(found) else "✓") for depth, found in reversed(before)),
            choice(item.path, f"▶ {item.title}", f"{item.status or ''} · here"),
            *(_row(found, depth, "→") for depth, found in after),
        ]

        def answered(values: tuple[str, ...] | None) -> None:
            if values is not None:
                self.go_to(values[0])

        self.push_screen(Choose(f"Before and after {item.title}", rows), answered)

    def go_to(self, path: str) -> None:
        """Put the cursor on an item of the page, or say that it is not on it."""
        if self.page.holds(path):
            self.grid.move_to(path)
        else:
            self.say(f"{path} is not on this page: esc takes the filter away, 6 shows the list")


def _walk(item: Item, links: Mapping[str, tuple[Item, ...]]) -> Iterator[tuple[int, Item]]:
    """Each item along the links once, the nearest first, with how far away it is."""
    seen, edge = {item.path}, [item]
    for depth in range(1, DEPTH + 1):
        found = {next_.path: next_ for one in edge for next_ in links.get(one.path, ()) if next_.path not in seen}
        yield from ((depth, one) for one in found.values())
        seen |= found.keys()
        edge = list(found.values())


def _row(item: Item, depth: int, sign: str) -> Choice:
    return choice(item.path, f"{'  ' * (depth - 1)}{sign} {item.title}", f"{item.id} · {item.status or ''}")
