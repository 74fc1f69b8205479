from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    name = "otklik.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.people import events, permissions, search, tasks
        from otklik.people.roles import sync_after_migrate

        _ = events, tasks
        permissions.register()
        search.wire()
        post_migrate.connect(sync_after_migrate, sender=self)
