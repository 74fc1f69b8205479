from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "otklik.core.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.operations import events, permissions  # noqa: F401  declare what they hold
