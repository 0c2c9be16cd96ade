"""Vault in, frozen view model out: what every skin shows; pure."""
