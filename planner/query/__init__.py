"""Which items: a small query language and its compiled predicates; pure."""
