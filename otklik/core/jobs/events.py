"""What happens to work that failed for good."""

from dataclasses import dataclass

from otklik.core.events import event


@event("job.died")
@dataclass(frozen=True, slots=True)
class JobDied:
    job_id: int
    task: str
    attempts: int


@event("job.retried")
@dataclass(frozen=True, slots=True)
class JobRetried:
    job_id: int
    task: str


@event("job.dropped")
@dataclass(frozen=True, slots=True)
class JobDropped:
    job_id: int
    task: str
