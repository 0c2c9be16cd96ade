"""Modal screens: prompts, pickers and panes."""
