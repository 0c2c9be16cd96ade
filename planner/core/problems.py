"""The table of faults a file can have: code, severity, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping

from planner.core.model import Problem, Severity
from planner.core.record import dataclass


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One row: the code, how bad it is, what it means in a sentence, the way out, and whether `--fix` mends it."""

    code: str
    severity: Severity
    meaning: str
    hint: str
    fixable: bool = False


def _rows() -> tuple[ProblemKind, ...]:
    def error(code: str, meaning: str, hint: str, fixable: bool = False) -> ProblemKind:
        return ProblemKind(code, "error", meaning, hint, fixable)

    def warning(code: str, meaning: str, hint: str, fixable: bool = False) -> ProblemKind:
        return ProblemKind(code, "warning", meaning, hint, fixable)

    def info(code: str, meaning: str, hint: str) -> ProblemKind:
        return ProblemKind(code, "info", meaning, hint)

    return (
        # The file as a whole: shown as a broken card, never edited.
        error("empty-file", "the file is empty", "write a title, or delete the file"),
        error("not-utf8", "the file is not UTF-8 text", "save it as UTF-8 in your editor"),
        error("binary-file", "the file is not text", "move it out of the vault, or link it from an item"),
        error(
            "unclosed-header", "the header is opened by `---` and never closed", "add a line `---` after the last key"
        ),
        error("list-header", "the header is a list, not keys and values", "write `key: value` lines"),
        error("scalar-header", "the header is plain text, not keys and values", "write `key: value` lines"),
        error(
            "conflict-markers",
            "an unresolved merge conflict",
            "planner resolve asks field by field; or edit the file and delete the marker lines",
        ),
        error("control-character", "a control character", "delete it in your editor"),
        error("complex-key", "a key that is not plain text", "write `key: value` lines"),
        # The header: good keys are used, a bad one keeps its raw text.
        error("bad-yaml", "this key cannot be read as YAML", "put the value in double quotes"),
        error("duplicate-key", "the key stands in the header twice", "keep one of the lines"),
        error("tab-indent", "a tab where YAML wants spaces", "use spaces"),
        error("too-deep", "nested too deep to be read safely", "flatten it"),
        error("too-large", "too large to be read safely", "split it, or move it out of the vault"),
        error("too-many-entries", "too many values to be read safely", "split it"),
        error("anchor", "YAML anchors are not read in items", "write the value out"),
        error("alias", "YAML aliases are not read in items", "write the value out"),
        error("merge-key", "YAML merge keys are not read in items", "write the values out"),
        warning("tagged-value", "a YAML tag, which is not obeyed", "remove the tag"),
        warning("comment-swallowed", "YAML reads the rest of the line as a comment", "put the value in double quotes"),
        warning("hidden-character", "an invisible or direction-changing character", "delete it in your editor"),
        warning("long-fence", "a header is fenced by exactly three dashes", "write `---`"),
        warning("indented-fence", "a header's fence stands at the start of the line", "remove the spaces"),
        warning("header-not-first", "a header starts on the first line", "delete the blank lines above it"),
        warning("dots-close", "the header is closed by `...`", "close it with `---`"),
        warning(
            "toml-header",
            "a TOML header is shown, but never changed",
            "write a YAML header between `---` lines to edit it here",
        ),
        warning(
            "json-header",
            "a JSON header is shown, but never changed",
            "write a YAML header between `---` lines to edit it here",
        ),
        warning("flow-header", "a header in braces is shown, but never changed", "write `key: value` lines"),
        warning("empty-header", "the header is empty", "add a key, or delete the two fences"),
        warning("two-documents", "a second `---` cuts the header short", "delete it"),
        warning("cr-only", "lines end in bare carriage returns", "save with LF or CRLF line ends"),
        # Values.
        error("bad-value", "the value is not what the field wants", "see the field's type in the manual"),
        error(
            "unknown-status", "a status the workflow does not know", "use one of its states, or add it to planner.toml"
        ),
        warning(
            "renamed-status",
            "a state that has another name by now",
            "run `planner check --fix`, or move it",
            fixable=True,
        ),
        warning("unknown-priority", "a priority that is none of the levels", "use urgent, high, medium or low"),
        warning(
            "odd-id", "an id that is hard to type or to use in a file name", "use letters, digits, `.`, `_` and `-`"
        ),
        warning("key-case", "a field name with other capitals is a field of its own", "write it in lower case"),
        warning("comma-text", "commas inside one value", "write a list: `[a, b]`"),
        warning(
            "looks-like-type",
            "a word that other YAML readers take for a number, a date or yes/no",
            "put it in double quotes",
        ),
        warning("repeated-value", "the same value twice", "remove one"),
        # Across files.
        error("duplicate-id", "two files share one id", "run `planner check --fix`", fixable=True),
        error("unknown-reference", "no item answers to that", "correct the id, or remove it"),
        error("ambiguous-reference", "more than one item answers to that", "write the full id"),
        error("self-dependency", "it depends on itself", "remove it from depends_on"),
        error("dependency-cycle", "a circle of dependencies", "remove one of the links"),
        warning("unknown-person", "nobody in people/ has that name", "add people/NAME.md, or correct it"),
        warning("unknown-project", "that project has no project.md", "add projects/NAME/project.md, or correct it"),
        warning(
            "same-name", "two people are called the same", "give one another name, and each their own e-mail address"
        ),
        # The team's rules.
        warning("unmet-requirement", "its state asks for more", "add what is missing, or move it back"),
        warning("over-limit", "more work in a state than its hard limit allows", "finish or move something out of it"),
        warning(
            "bad-approval",
            "an approval or a decision that is not understood",
            "see Approvals in the manual; decide with approve",
        ),
        warning(
            "approver-left",
            "who is to approve is no longer there",
            "name another approver, or `delegates` in the person's file",
        ),
        warning(
            "unproven-decision",
            "the commit that brought a decision is by somebody else",
            "the approver decides again: planner approve",
        ),
        warning(
            "bad-transition", "a commit took it a way that the workflow does not allow", "take it back: planner undo"
        ),
        # The plan: all else is scheduled.
        error(
            "unknown-calendar", "no such calendar in planner.toml; the default is used", "add it, or correct the name"
        ),
        warning(
            "zero-duration",
            "work of no length; planned as a milestone",
            "write how long it takes, or `kind: milestone`",
        ),
        warning("far-date", "a date beyond any plan, left out of it", "remove it, or write the year you mean"),
        warning("date-not-kept", "a date that the plan cannot keep", "move the date, or shorten what comes before"),
        warning("name-clash", "two file names differ only in case or accents", "rename one"),
        # The plan.
        error(
            "no-capacity", "work for somebody without working time", "give a capacity, or assign it to somebody else"
        ),
        error(
            "currency-differs",
            "money in another currency than its project's, which is left out of all sums",
            "write it in the project's currency: planner does not convert",
        ),
        error(
            "estimate-order",
            "a three-point estimate that is not in order",
            "write optimistic/likely/pessimistic, the least first",
        ),
        error("unknown-baseline", "there is no such baseline", "run `planner plan baseline NAME`, or correct the name"),
        error("bad-baseline", "a row of a baseline that cannot be read", "take the baseline anew, or mend the row"),
        # Files that are not read.
        info("special-file", "not a regular file, not read", "move it out of the vault"),
        info("link-outside", "a link that leaves the vault is not followed", "copy the file into the vault"),
        warning("link-broken", "a link to a file that is not there", "delete or mend the link"),
        error("not-readable", "the file may not be read", "check its permissions"),
        info("nested-repository", "a repository of its own, not read", "open it as a vault of its own"),
        info("lfs-pointer", "a Git LFS pointer, not the file itself", "run `git lfs pull`"),
        info(
            "sync-conflict",
            "a copy left by a file synchroniser",
            "planner resolve merges it into the file it is a copy of",
        ),
        info("plain-note", "a note: linked and searched, not planned", "give it a `status` to make it an item"),
        # planner.toml.
        error("bad-toml", "planner.toml cannot be read; defaults are used", "correct the line"),
        error("bad-setting", "a setting that is not understood; its default is used", "see the manual"),
        warning("unknown-setting", "a setting planner does not know", "remove it, or correct its name"),
        error(
            "no-working-time",
            "a calendar on which nobody ever works; the default hours are used",
            'write `working = "Mon-Fri 09:00-17:00"`',
        ),
        error("newer-format", "the vault is of a newer format; it is read only", "install a newer planner"),
        warning("no-config", "there is no planner.toml; defaults are used", "run `planner init`"),
    )


PROBLEMS: Mapping[str, ProblemKind] = {row.code: row for row in _rows()}
"""Every code `planner check` can report."""

BREAKING = frozenset(
    {"empty-file", "not-utf8", "binary-file", "unclosed-header", "list-header", "scalar-header", "conflict-markers",
     "control-character", "complex-key", "too-large", "too-many-entries"}
)  # fmt: skip
"""Codes that, found in a header or over the whole file, make it a broken card."""


def problem(path: str, line: int, column: int, code: str, message: str = "", hint: str = "") -> Problem:
    """A Problem of a known code; sentence and hint default to the table's."""
    kind = PROBLEMS[code]
    return Problem(path, line, column, code, message or kind.meaning, hint or kind.hint, kind.severity)
