"""Signed and encrypted mail: S/MIME (RFC 8551) and OpenPGP (RFC 9580, RFC 3156).

Nothing here is loaded before a letter needs it.
"""
