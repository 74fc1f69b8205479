"""How old the reader is. Raise it with every change that reads more mail than before: what lies in
quarantine is tried again after the upgrade."""

READER_VERSION = 4
