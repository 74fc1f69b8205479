from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SettingsConfig(AppConfig):
    name = "otklik.core.settings"
    label = "settings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.access import register_permission
        from otklik.core.settings import events  # noqa: F401  declares its event
        from otklik.core.settings.sealed import register_sealed

        register_permission("settings.change", _("Change settings"))
        register_sealed("settings.Setting", "value")
