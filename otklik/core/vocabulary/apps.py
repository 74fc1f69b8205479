from django.apps import AppConfig


class VocabularyConfig(AppConfig):
    name = "otklik.core.vocabulary"
    label = "vocabulary"
