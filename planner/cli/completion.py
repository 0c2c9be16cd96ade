"""Completion scripts: commands and options are written out, ids are asked for when they are needed."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

_BASH = """\
_planner() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} cmd=
    local word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in -*) ;; *) cmd=$word; break ;; esac
    done
    if [ -z "$cmd" ]; then
        COMPREPLY=($(compgen -W "{commands} {common}" -- "$cur"))
        return
    fi
    case $cmd in
{cases}
    esac
}}
complete -o default -F _planner planner git-planner
"""
_BASH_IDS = "$(planner list kind:any --columns id --plain 2>/dev/null | tail -n +2)"


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The completion script of a shell: `bash`, `zsh` or `fish`."""
    commands = commands_of(parser)
    common = sorted(option for action in parser._actions for option in action.option_strings if option.startswith("--"))
    if shell == "fish":
        return _fish(commands, common)
    cases = "\n".join(
        f'        {name}) COMPREPLY=($(compgen -W "{_words(name, sub)}" -- "$cur")) ;;'
        for name, (_, sub) in commands.items()
    )
    bash = _BASH.format(commands=" ".join(commands), common=" ".join(common), cases=cases)
    if shell == "zsh":
        return f"#compdef planner git-planner\nautoload -U +X bashcompinit && bashcompinit\n{bash}"
    return bash


def commands_of(parser: argparse.ArgumentParser) -> Mapping[str, tuple[str, argparse.ArgumentParser]]:
    """Each command's help and parser, by name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            return {name: (helps.get(name, ""), sub) for name, sub in action.choices.items()}
    return {}


def _options(sub: argparse.ArgumentParser) -> list[str]:
    return sorted(option for action in sub._actions for option in action.option_strings if option.startswith("--"))


def _takes_items(name: str) -> bool:
    from planner.commands import COMMANDS
    from planner.commands.words import signature

    if name in COMMANDS:
        return any(argument.metavar == "ID" for _, argument, _ in signature(COMMANDS[name]))
    return name in {"show", "edit", "log"}


def _words(name: str, sub: argparse.ArgumentParser) -> str:
    return " ".join([*_options(sub), *([_BASH_IDS] if _takes_items(name) else [])])


def _fish(commands: Mapping[str, tuple[str, argparse.ArgumentParser]], common: list[str]) -> str:
    ids = "(planner list kind:any --columns id,title --plain 2>/dev/null | tail -n +2 | string replace -r '^\\s*(\\S+)\\s+' '$1\\t')"
    lines = [f"complete -c planner -l {option[2:]}" for option in common]
    for name, (help_, sub) in commands.items():
        said = help_.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"complete -c planner -n __fish_use_subcommand -f -a {name} -d '{said}'")
        lines += [
            f"complete -c planner -n '__fish_seen_subcommand_from {name}' -l {option[2:]}" for option in _options(sub)
        ]
        if _takes_items(name):
            lines.append(f"complete -c planner -n '__fish_seen_subcommand_from {name}' -f -a \"{ids}\"")
    return "\n".join(lines) + "\n"
