"""Everything between the socket and a view: shell, middleware, headers, health, metrics, logs."""
