"""What the chat costs on somebody's page: see `benchmarks.widget.__main__`."""
