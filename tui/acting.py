"""All that is done to items, put together: by fields, by answers, in the editor, with the mouse, to the clipboard, in time."""

from __future__ import annotations

from tui.chain import Chain
from tui.clocking import Clocking
from tui.deciding import Deciding
from tui.dropping import Dropping
from tui.editing import Editing
from tui.past import Past
from tui.quoting import Quoting


class Acting(Deciding, Editing, Dropping, Quoting, Chain, Past, Clocking):
    """Each of them is a module with one idea; they share what `Shell` holds, and nothing else."""
