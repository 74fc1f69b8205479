"""Tests of the whole house, and the servers tests run against."""
