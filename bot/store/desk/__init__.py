"""What the desk asks of the database: parts of the unit of work, one module per concern."""
