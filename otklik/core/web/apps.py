from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "otklik.core.web"
    label = "web"

    def ready(self) -> None:
        from django.core.signals import got_request_exception

        from otklik.core.web import checks, current, errors, logs

        current.keep_without_a_lock()
        logs.stay_discreet()
        checks.register_own_checks()
        got_request_exception.connect(errors.log_failure)
