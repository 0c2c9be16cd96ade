"""The table of bad and odd inputs: what people, programs and attackers leave in a vault, and what becomes of each.

P is read without remark, D with a problem and its place, B is a broken card, L meets a limit, I is no item.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from planner.core.model import Unread
from planner.core.vault import Vault

LIMITS = {"too-deep", "too-large", "too-many-entries", "anchor", "alias", "merge-key"}


class Row(NamedTuple):
    """A named input, what becomes of it, and the files it needs besides; the first path is the one it is about."""

    name: str
    outcome: str
    files: Mapping[str, bytes | Unread]


def head(lines: str, body: str = "Some text.\n") -> bytes:
    return f"---\n{lines}\n---\n{body}".encode("utf-8", "surrogatepass")


def task(name: str, outcome: str, content: bytes | str, **others: bytes) -> Row:
    """A file in tasks/; a text is a header's lines."""
    text = head(content) if isinstance(content, str) else content
    return Row(name, outcome, {"tasks/x.md": text, **{f"tasks/{stem}.md": other for stem, other in others.items()}})


def levels(count: int) -> str:
    return "a:\n" + "\n".join(f"{' ' * depth}a:" for depth in range(1, count))


def aliases() -> str:
    rows = [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, 9)]
    return "\n".join(["k0: &k0 [x, x, x, x, x, x, x, x, x]", *rows])


def merges() -> str:
    return "\n".join(["m0: &m0 {a: 1}", *(f"m{n}: &m{n}\n  <<: [*m{n - 1}, *m{n - 1}]" for n in range(1, 9))])


CONFLICT = "<<<<<<< ours\nstatus: todo\n=======\nstatus: done\n>>>>>>> theirs"
NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))

ROWS = (
    task("empty", "B", b""),
    task("only-newline", "B", b"\n"),
    task("only-bom", "B", b"\xef\xbb\xbf"),
    task("bom-fm", "P", b"\xef\xbb\xbf" + head("title: x")),
    task("crlf", "P", head("title: x\ntags: [a, b]").replace(b"\n", b"\r\n")),
    task("cr-only", "D", head("title: x").replace(b"\n", b"\r")),
    task("mixed-eol", "P", b"---\r\ntitle: x\r\n---\r\nbody\nmore\n"),
    task("no-final-nl", "P", head("title: x", "last")),
    task("utf16le", "B", b"\xff\xfe" + "---\ntitle: x\n---\n".encode("utf-16-le")),
    task("utf16-nobom", "B", "---\ntitle: x\n---\n".encode("utf-16-le")),
    task("latin1", "B", b"---\ntitle: caf\xe9\n---\n"),
    task("cut-utf8", "B", head("title: x", "caf") + b"\xc3"),
    task("overlong", "B", head("title: x") + b"\xc0\xaf"),
    task("surrogate-bytes", "B", head("title: x") + b"\xed\xa0\x80"),
    task("nul-title", "B", "title: a\0b"),
    task("nul-body", "D", head("title: x", "a\0b\n")),
    task("binary", "B", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"),
    task("elf", "B", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0"),
    Row("no-fm", "I", {"notes/x.md": b"# A thought\n"}),
    task("unclosed-fm", "B", b"---\ntitle: x\nbody\n"),
    task("only-dashes", "B", b"---"),
    task("empty-fm", "D", b"---\n---\n"),
    task("fm-not-first", "D", b"\n\n" + head("title: x")),
    task("indented-fence", "D", b"  ---\n  title: x\n  ---\nbody\n"),
    task("long-fence", "D", b"-----\ntitle: x\n-----\nbody\n"),
    task("trailing-ws-fence", "P", b"---   \ntitle: x\n---   \nbody\n"),
    task("dots-close", "D", b"---\ntitle: x\n...\nbody\n"),
    task("toml-fm", "D", b'+++\ntitle = "x"\n+++\nbody\n'),
    task("json-fm", "D", b'{"title": "x"}\nbody\n'),
    task("list-fm", "B", "- a\n- b"),
    task("scalar-fm", "B", "hello"),
    task("null-fm", "D", "~"),
    task("two-docs", "D", b"---\ntitle: x\n---\nstatus: todo\n---\nbody\n"),
    task("fence-in-literal", "P", "note: |\n  a\n  ---\n  b\ntitle: x"),
    task("hr-in-body", "P", head("title: x", "a\n\n---\n\nb\n")),
    task("setext", "P", head("title: x", "Heading\n=======\ntext\n")),
    task("tab-indent", "D", "\ttitle: x\nstatus: todo"),
    task("tab-after-colon", "D", "title:\tb\n\t\nstatus: todo"),
    task("colon-in-title", "D", "title: a: b"),
    task("hash-in-title", "D", "title: fix #12"),
    task("at-title", "D", "title: @bob"),
    task("backtick-title", "D", "title: `x`"),
    task("percent-title", "D", "title: %x"),
    task("star-title", "D", "title: *x"),
    task("amp-title", "D", "title: &x y"),
    task("bang-title", "D", "title: !x"),
    task("bracket-title", "D", "title: [x] done"),
    task("brace-title", "D", "title: {x}"),
    task("norway", "D", "assignee: no"),
    task("octal", "D", "id: 012"),
    task("sexagesimal", "D", "est: 1:30"),
    task("sci-id", "D", "id: 1e3"),
    task("hex-id", "D", "id: 0x1F"),
    task("underscore-int", "D", "id: 1_000"),
    task("inf-nan", "D", "est: .inf"),
    task("equals", "D", "k: ="),
    task("float-id", "D", "id: 1.10"),
    task("bool-title", "D", "title: true"),
    task("null-title", "D", "title:"),
    task("date-title", "D", "title: 2026-01-01"),
    task("bad-date", "D", "due: 2026-02-30"),
    task("year0", "D", "due: 0000-01-01"),
    task("year-99999", "D", "due: 99999-01-01"),
    task("time24", "D", "due: 2026-01-01T24:00:00"),
    task("tz99", "D", "due: 2026-01-01T10:00+99:99"),
    task("date-slash", "D", "due: 01/02/2026"),
    task("date-words", "D", "due: tomorrow"),
    task("due-list", "D", "due: [a]"),
    task("status-unknown", "D", "status: frobnicate"),
    task("status-map", "D", "status: {a: b}"),
    task("status-case", "D", "Status: Open"),
    task("tags-string", "D", "tags: a, b"),
    task("tags-nested", "D", "tags: [[a], [b]]"),
    task("tags-dups", "D", "tags: [a, a]"),
    task("tags-10k", "L", f"tags: [{', '.join(f't{n}' for n in range(10_000))}]"),
    task("deps-self", "D", "id: x\ndepends_on: [x]"),
    task("deps-cycle", "D", "id: x\ndepends_on: [y]", y=head("id: y\ndepends_on: [x]")),
    task("deps-missing", "D", "depends_on: [nobody]"),
    task("deps-string", "D", "depends_on: nobody"),
    task("dup-key", "D", "status: todo\nstatus: doing"),
    task("dup-id", "D", "id: ab12", y=head("id: ab12")),
    task("dup-id-case", "D", "id: ab12", y=head("id: AB12")),
    task("no-id", "P", "title: x"),
    task("id-traversal", "D", "id: ../../etc/passwd"),
    task("id-dash", "D", "id: -rf"),
    task("id-space", "D", "id: a b"),
    task("id-emoji", "D", "id: 😀"),
    task("id-long", "D", f"id: {'a' * 300}"),
    task("alias-bomb", "L", aliases()),
    task("merge-bomb", "L", merges()),
    task("cycle", "L", "k: &a [*a]"),
    task("anchor-ok", "L", "k: &x [1]\nl: *x"),
    task("deep-flow", "L", f"k: {'[' * 100_000}"),
    task("deep-block", "L", levels(1_500)),
    task("py-object", "D", "k: !!python/object/apply:os.system ['true']"),
    task("int-tag", "D", "k: !!int foo"),
    task("int-empty", "D", 'k: !!int ""'),
    task("ts-tag", "D", "k: !!timestamp foo"),
    task("bool-tag", "D", "k: !!bool foo"),
    task("binary-tag", "D", 'k: !!binary "@@"'),
    task("set-tag", "D", "k: !!set {x}"),
    task("complex-key", "B", "? [a]\n: b"),
    task("int-5000", "D", f"k: {'7' * 5_000}"),
    task("hex-100k", "L", f"k: 0x{'f' * 100_000}"),
    task("scalar-10mb", "L", f"title: {'a' * 10_000_000}"),
    task("keys-100k", "L", "\n".join(f"k{n}: 1" for n in range(100_000))),
    Row("file-200mb", "L", {"tasks/x.md": Unread("tasks/x.md", "too-large", "200 MB")}),
    task("line-1mb", "P", head("title: x", "a" * 1_000_000 + "\n")),
    task("esc-body", "D", head("title: x", "a\x1b[2Jb\n")),
    task("esc-quoted", "D", 'title: "\\e]0;x\\a"'),
    task("esc-raw-title", "B", "title: a\x1b[2Jb"),
    task("c1", "B", "title: a\x9bb"),
    task("osc52", "D", head("title: x", "\x1b]52;c;cm0gLXJm\x07\n")),
    task("markup-click", "P", "title: a [@click=app.quit]b[/]"),
    task("markup-close", "P", "title: a [/nope] b"),
    task("markup-open", "P", 'title: "[b + 3"'),
    task("markup-link", "P", "title: a [link=file:///]b[/link]"),
    task("bidi", "D", "title: a\u202eb"),
    task("zero-width", "D", "id: a\u200bb"),
    task("u2028", "D", "title: a\u2028b"),
    task("nel", "D", "title: a\u0085b"),
    task("zalgo", "P", f"title: a{chr(0x301) * 500}"),
    task("rtl", "P", "title: مهمة משימה"),
    task("emoji-zwj", "P", "title: 👩‍👩‍👧 漢字"),
    Row("nfd-name", "D", {f"tasks/{NFD}.md": head("id: one"), f"tasks/{NFC}.md": head("id: two")}),
    Row("case-pair", "D", {"tasks/a.md": head("id: one"), "tasks/A.md": head("id: two")}),
    task("conflict-fm", "B", f"title: x\n{CONFLICT}"),
    task("conflict-body", "D", head("title: x", f"{CONFLICT}\n")),
    task("diff3-nested", "B", "<<<<<<<<< a\nk: 1\n||||||||| b\nk: 2\n=========\nk: 3\n>>>>>>>>> c"),
    Row("sync-conflict", "I", {"tasks/x.sync-conflict-20261101-101010-ABCDEF.md": head("title: x")}),
    Row("symlink-out", "I", {"tasks/x.md": Unread("tasks/x.md", "link-outside", "leads to a file outside")}),
    Row("fifo", "I", {"tasks/x.md": Unread("tasks/x.md", "special-file", "a pipe")}),
)
MORE = (  # the other readings of a row
    task("no-fm in tasks/", "P", b"Buy milk\n"),
    task("lfs-pointer", "I", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"),
    task("deep-flow, within the size", "L", f"k: {'[' * 30_000}"),
    task("deep-block, within the size", "L", levels(200)),
    task("tags-10k, within the size", "L", f"tags: [{', '.join(['t'] * 10_000)}]"),
    task("keys, within the size", "L", "\n".join(f"k{n}: 1" for n in range(600))),
)


def outcomes(vault: Vault, path: str) -> str:
    """Every letter that fits what became of the file."""
    item = vault.files[path].item
    problems = [*vault.files[path].problems, *vault.cross_problems.get(path, ())]
    wrong = [problem for problem in problems if problem.severity != "info"]
    if item is None:
        return "I"
    limit = "L" if any(problem.code in LIMITS for problem in problems) else ""
    if item.broken:
        return f"B{limit}"
    return ("D" if all(problem.line and problem.column for problem in wrong) else "") + limit if wrong else "P"
