"""Backup and restore: the database and the secret in one file, made while Peil runs."""
