"""Work for later: rows that a worker claims, runs at least once and deletes when done."""

from otklik.core.jobs.task import GiveUp, RetryLater, Task, every, task

__all__ = ["GiveUp", "RetryLater", "Task", "every", "task"]
