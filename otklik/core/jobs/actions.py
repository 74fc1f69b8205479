"""What an administrator does with dead letters."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Missing
from otklik.core.db import action, after_commit
from otklik.core.events.record import record
from otklik.core.jobs.events import JobDropped, JobRetried
from otklik.core.jobs.models import Job
from otklik.core.jobs.permissions import MANAGE
from otklik.core.jobs.wakeup import wake_workers


@action
def retry_dead(actor: Actor, job: Job) -> Job:
    """Let a dead job wait again with all its attempts. Raises Forbidden, Missing or Conflict."""
    job = _lock_dead(actor, job)
    job.dead_at, job.attempts, job.run_at = None, 0, timezone.now()
    try:
        with transaction.atomic():
            job.save(update_fields=["dead_at", "attempts", "run_at"])
    except IntegrityError:
        raise Conflict(_("The same work is waiting already.")) from None
    record(actor, JobRetried(job_id=job.pk, task=job.name))
    after_commit(wake_workers)
    return job


@action
def drop_dead(actor: Actor, job: Job) -> None:
    """Forget a dead job. Raises Forbidden or Missing."""
    job = _lock_dead(actor, job)
    record(actor, JobDropped(job_id=job.pk, task=job.name))
    job.delete()


def _lock_dead(actor: Actor, job: Job) -> Job:
    if not actor.can(MANAGE):
        raise Forbidden(_("Failed work is handled by administrators."))
    found = Job.objects.select_for_update().filter(pk=job.pk, dead_at__isnull=False).first()
    if found is None:
        raise Missing(_("This is no longer among the failed work."))
    return found
