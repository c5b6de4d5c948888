"""Proofs that nothing is lost and nothing let in: `make torture`; the short version of each is a test."""
