"""The desk's settings, its health and the set-up wizard, for those who may change them."""
