"""On what kind of file system a folder lies: some are changed by others without this system's kernel hearing of it."""

from __future__ import annotations

from pathlib import Path

REMOTE = frozenset({
    "9p", "afpfs", "afs", "ceph", "cifs", "coda", "davfs", "drvfs", "fuse.davfs2", "fuse.glusterfs", "fuse.rclone",
    "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse", "gfs2", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb2",
    "smb3", "smbfs", "vboxsf", "vmhgfs",
})  # fmt: skip
"""Network file systems, and those of a host seen from a guest (WSL, virtual machines)."""


def file_system(folder: str, mounts: str | None = None) -> str:
    """The kind of file system a folder lies on, as Linux's mountinfo names it; empty where that is not known."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return ""
    longest, kind = "", ""
    for line in mounts.split("\n"):
        before, _, after = line.partition(" - ")
        place = _unescaped(before.split(" ")[4]) if before.count(" ") > 4 else ""
        within = folder.startswith(place.rstrip("/") + "/") or folder == place
        if place and within and len(place) >= len(longest):  # of two mounts on one place the later covers the other
            longest, kind = place, after.split(" ")[0]
    return kind


def _unescaped(field: str) -> str:
    """A path of mountinfo, where blanks are written as `\\040`."""
    for code in (" ", "\t", "\n", "\\"):
        field = field.replace(f"\\{ord(code):03o}", code)
    return field
