from django.urls import path

from otklik.tickets.web import files

app_name = "tickets"
urlpatterns = [
    path("files/<str:token>/", files.file, name="file"),
    path("uploads/", files.uploads, name="uploads"),
    path("uploads/<str:token>/", files.upload, name="upload"),
]
