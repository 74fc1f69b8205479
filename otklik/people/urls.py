from django.urls import path

from otklik.people.web import links, passwords, sessions

app_name = "people"
urlpatterns = [
    path("sign-in/", sessions.sign_in, name="sign_in"),
    path("sign-out/", sessions.sign_out, name="sign_out"),
    path("password/forgotten/", passwords.forgotten, name="password_forgotten"),
    path("link/<str:token>/", links.link, name="link"),
]
