"""The gateway: inbox, order, retries, tokens, and the web server that people reach."""
