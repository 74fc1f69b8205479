"""Read models of the agents' screens: rows and lines with every value computed."""
