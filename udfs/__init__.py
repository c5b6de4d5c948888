"""The rules: one file per business question; pure functions over columns."""
