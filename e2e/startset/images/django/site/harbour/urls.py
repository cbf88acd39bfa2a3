from django.urls import include, path

urlpatterns = [path("ships/", include("harbour.ships.urls"))]
