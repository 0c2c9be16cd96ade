"""What a plan is, and text to plan and back: pure, without disk, git or clock."""
