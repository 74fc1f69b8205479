from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "otklik.core.operations"
    label = "operations"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from otklik.core.access import register_permission

        register_permission("operations.undo", _("Undo what others did"))
