"""The store: tables, transactions, migrations. SQLite by default, PostgreSQL by URL."""
