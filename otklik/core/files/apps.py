from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "otklik.core.files"
    label = "files"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.files import tasks  # noqa: F401
