"""Peil: a conversational maturity assessment."""
