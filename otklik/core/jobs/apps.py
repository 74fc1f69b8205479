from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "otklik.core.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.events.dispatcher import use_later
        from otklik.core.hooks.health import register_health
        from otklik.core.hooks.program import register_service
        from otklik.core.jobs import events, permissions  # noqa: F401  declare what they hold
        from otklik.core.jobs.handling import HandlerJobs
        from otklik.core.jobs.health import look_at_jobs
        from otklik.core.jobs.worker import run_worker

        use_later(HandlerJobs())
        register_service("jobs", run_worker)
        register_health("jobs", look_at_jobs)
