from django.db import models
from django.utils import timezone


class Setting(models.Model):
    """A value somebody chose on a screen. Keys never change once they were released."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=100, unique=True)
    value = models.JSONField()
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "setting"

    def __str__(self) -> str:
        return self.key
