from django.urls import path

from otklik.portal.web import details, embed, files, home, language, looks, new, requests, sign_in

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("language/", language.language, name="language"),
    path("new/", new.new, name="new"),
    path("new/fields/", new.fields, name="new_fields"),
    path("new/sent/<str:token>/", new.sent, name="sent"),
    path("requests/", requests.list_requests, name="requests"),
    path("requests/<int:number>/", requests.request, name="request"),
    path("requests/<int:number>/details/", details.details, name="details"),
    path("requests/<int:number>/details/fields/", details.fields, name="details_fields"),
    path("requests/<int:number>/messages/", requests.messages, name="messages"),
    path("requests/<int:number>/messages/<int:message>/letter/", files.letter, name="letter"),
    path("requests/<int:number>/solution/", requests.solution, name="solution"),
    path("requests/<int:number>/reopening/", requests.reopening, name="reopening"),
    path("files/<str:token>/", files.file, name="file"),
    path("pictures/<str:signed>/", files.picture, name="picture"),
    path("brand/<int:brand>/<slug:stamp>.css", looks.brand_sheet, name="brand_sheet"),
    path("brand/<int:brand>/<slug:stamp>/logo/", looks.brand_logo, name="brand_logo"),
    path("embed.js", embed.loader, name="embed_loader"),
    path("embed/<int:brand>/", embed.form, name="embed"),
    path("embed/<int:brand>/fields/", embed.fields, name="embed_fields"),
    path("embed/<int:brand>/sent/<str:token>/", embed.sent, name="embed_sent"),
]
