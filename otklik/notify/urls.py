from django.urls import path

from otklik.notify.web import stop

app_name = "notify"
urlpatterns = [path("notifications/stop/<str:token>/", stop.stop, name="stop")]
