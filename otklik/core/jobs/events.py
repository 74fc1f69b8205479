"""What happens to work that failed for good."""

from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from otklik.core.events import event, name_events


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


name_events(
    {
        "job.died": pgettext_lazy("event", "Background work failed for good"),
        "job.dropped": pgettext_lazy("event", "Failed background work dropped"),
        "job.retried": pgettext_lazy("event", "Failed background work started again"),
    },
    group=pgettext_lazy("events", "Upkeep and notifications"),
)
