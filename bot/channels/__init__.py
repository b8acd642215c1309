"""Channels: one adapter each on one small contract; no domain logic."""
