from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "otklik.core.realtime"
    label = "realtime"
