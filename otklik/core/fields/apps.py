from django.apps import AppConfig


class FieldsConfig(AppConfig):
    name = "otklik.core.fields"
    label = "fields"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.fields import conditions, events, permissions, undo

        _ = events, permissions
        conditions.wire()
        undo.wire()
