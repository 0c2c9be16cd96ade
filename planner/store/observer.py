"""Linux's inotify by way of watchdog: every folder that is wanted has a watch, under the name it has now.

Watchdog's own recursive observer is not used here: it watches what git and npm throw about, holds a file that leaves
the vault back for half a second, passes over folders it may not watch, and loses a folder that moves out and in again.
"""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Callable, Sequence

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

from planner.store.news import Batch

_FOLDER = InotifyConstants.IN_ISDIR
_MASK = Mask(
    InotifyConstants.IN_MODIFY
    | InotifyConstants.IN_ATTRIB
    | InotifyConstants.IN_CREATE
    | InotifyConstants.IN_DELETE
    | InotifyConstants.IN_MOVED_FROM
    | InotifyConstants.IN_MOVED_TO
    | InotifyConstants.IN_DELETE_SELF
    | InotifyConstants.IN_MOVE_SELF
    | InotifyConstants.IN_ONLYDIR
    | InotifyConstants.IN_DONT_FOLLOW
)
_GONE = InotifyConstants.IN_DELETE | InotifyConstants.IN_MOVED_FROM
_SELF = InotifyConstants.IN_DELETE_SELF | InotifyConstants.IN_MOVE_SELF


class FolderWatches(WatchCallback):
    """Reports changes below some folders, in a thread of its own.

    `report` is told an absolute path, and whether it is a folder's; of a new folder only once all in it is watched.
    """

    def __init__(
        self,
        tops: Sequence[str],
        wanted: Callable[[str], bool],
        report: Callable[[str, bool], None],
        lose: Callable[[Batch], None],
        *,
        limit: int | None = None,
    ) -> None:
        self._tops = [os.fsencode(top) for top in tops]
        self._wanted = wanted
        self._report = report
        self._lose = lose
        self._room = limit
        self._refused: OSError | None = None
        self._paths: dict[WatchDescriptor, bytes] = {}
        self._inotify = InotifyFD()
        self._id = CallbackId(id(self))

    def start(self) -> None:
        """Watch every folder; raises OSError (ENOSPC, EMFILE) where the system does not allow that."""
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)  # it must not write on the screen
        for top in self._tops:
            self._add(top)
        if self._refused is not None:
            raise self._refused
        self._inotify.start()  # only from here on events are read, and watches changed in that thread alone

    def stop(self) -> None:
        """Watch nothing any more."""
        if self._inotify.is_alive():
            self._inotify.stop()
            self._inotify.join()
        elif not self._inotify.ident:
            self._inotify.close()
            self._inotify._close_resources()

    def on_event(self, event: InotifyEvent) -> None:
        """Keep the watches right and pass on what happened."""
        folder = self._paths.get(event.wd)
        if folder is None:
            return
        if event.mask & _SELF:  # below a top the folder above it tells more
            if folder in self._tops:
                self._lose(Batch(overflow=True))
            return
        path = os.path.join(folder, event.name) if event.name else folder
        is_folder = bool(event.mask & _FOLDER)
        if is_folder and event.name:
            if event.mask & _GONE:
                self._drop(path)
            elif self._wanted(os.fsdecode(path)):
                self._add(path)
        self._report(os.fsdecode(path), is_folder)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """The folder is no more."""
        self._paths.pop(wd, None)

    def on_queue_overflow(self) -> None:
        """Events were lost, and with them folders."""
        for top in self._tops:
            self._drop(top)
            self._add(top)
        self._lose(Batch(overflow=True))

    def _add(self, top: bytes) -> None:
        """Watch a folder and those in it; each before it is listed, so that what comes later is in an event."""
        todo = [top]
        while todo:
            folder = todo.pop()
            if not self._watch(folder):
                continue
            try:
                with os.scandir(folder) as found:
                    below = [entry.path for entry in found if entry.is_dir(follow_symlinks=False)]
            except OSError:  # gone again, or closed to us: then there is nothing to hear of
                continue
            todo += [path for path in below if self._wanted(os.fsdecode(path))]

    def _watch(self, folder: bytes) -> bool:
        try:
            if self._room is not None and self._room <= len(self._paths):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            wd = self._inotify.add_callback(folder, _MASK, self, self._id)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.ENOMEM} and self._refused is None:
                self._refused = error
                if self._inotify.is_alive():
                    self._lose(Batch(overflow=True, refused=True))
            return False
        if wd >= 0:  # else it is closed to us
            self._paths[wd] = folder
        return True

    def _drop(self, top: bytes) -> None:
        """Hear no more of what was once at this path or below it."""
        below = top + b"/"
        old = [wd for wd, path in self._paths.items() if path == top or path.startswith(below)]
        for wd in old:
            del self._paths[wd]
        self._inotify.remove_callbacks([(wd, self._id) for wd in old])
