"""A command as words of a line, the same on the shell and on the screen's `:` line: which word is which argument."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_type_hints

from planner.commands import COMMANDS, Argument, Command
from planner.core.record import fields
from planner.errors import Invalid, NotFound


def signature(command: type[Command]) -> Iterator[tuple[str, Argument, Any]]:
    """Each field of a command with how it is said and its type."""
    hints = get_type_hints(command, include_extras=True)
    for field in fields(command):  # type: ignore[arg-type]  # every command is a dataclass
        hint = hints[field.name]
        argument = next((extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Argument)), None)
        if argument is not None:
            yield field.name, argument, hint.__origin__


def build(
    command: type[Command], words: Sequence[str], options: dict[str, Any], queried: Sequence[str] | None
) -> Command:
    """The command that words and options say; raises Invalid where one is missing or too much."""
    left = list(words)
    values: dict[str, Any] = {}
    places = [(name, argument, kind) for name, argument, kind in signature(command) if not argument.option]
    for name, argument, _ in places:
        if argument.told_by is not None:
            values[name] = tuple(word for word in left if argument.told_by(word))
            left = [word for word in left if not argument.told_by(word)]
    singles = [place for place in places if place[2] in {str, int}]
    has_items = any(argument.items for _, argument, _ in places)
    for name, argument, kind in reversed(singles) if has_items else singles:
        if not left:
            raise Invalid(f"{command.verb}: {argument.metavar} is missing", f"planner {command.verb} --help")
        last_text = not has_items and kind is str and (name, argument, kind) == singles[-1]
        word = left.pop() if has_items else " ".join(left) if last_text else left.pop(0)
        if last_text:
            left = []
        values[name] = _number(command, argument, word) if kind is int else word
    for name, argument, _ in places:
        if argument.items:
            if queried is not None and left:
                raise Invalid("ids and --query at once", "give one or the other")
            values[name] = tuple(queried if queried is not None else left)
            left = []
    if left:
        raise Invalid(f"{command.verb}: '{' '.join(left)}' is too much", f"planner {command.verb} --help")
    values.update({name: options[name] for name, argument, _ in signature(command) if argument.option})
    return command(**values)


def _number(command: type[Command], argument: Argument, word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise Invalid(
            f"{command.verb}: {argument.metavar} must be a number, not '{word}'", f"planner {command.verb} --help"
        )
    return int(word)


def spoken(words: Sequence[str], items: Sequence[str] = ()) -> Command:
    """The command that a line's words say, its verb first; items that no word names are `items`.

    Raises NotFound for an unknown verb, Invalid where a word or an option is missing or too much.
    """
    verb, *rest = words
    command = COMMANDS.get(verb)
    if command is None:
        raise NotFound(f"there is no command '{verb}'", "tab after : lists them")
    options: dict[str, Any] = {name: kind() for name, argument, kind in signature(command) if argument.option}
    left: list[str] = []
    while rest:
        word = rest.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            left.append(word)
        elif name not in options:
            raise Invalid(f"{verb}: there is no option {word}", f"planner {verb} --help")
        elif isinstance(options[name], bool):
            options[name] = True
        elif equals or rest:
            options[name] = value if equals else rest.pop(0)
        else:
            raise Invalid(f"{verb}: {word} needs a value", f"planner {verb} --help")
    return _on_items(command, left, options, items)


def _on_items(command: type[Command], words: list[str], options: dict[str, Any], items: Sequence[str]) -> Command:
    """The command on the items its words name, else on those given."""
    places = [(argument, kind) for _, argument, kind in signature(command) if not argument.option]
    if items and any(argument.items for argument, _ in places):
        told = [word for word in words if any(place.told_by is not None and place.told_by(word) for place, _ in places)]
        singles = sum(kind in {str, int} for _, kind in places)
        if len(words) - len(told) == singles:
            return build(command, words, options, items)
    return build(command, words, options, None)
