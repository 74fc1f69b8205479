"""The new part of a reply: what introduces a quote, what is one, what signs a letter."""
