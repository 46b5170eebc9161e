"""Where everything is."""

from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("theme", views.choose_theme, name="choose_theme"),
    path("admin/", admin.site.urls),
    # For machines
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

handler400 = "lakeshop.refusals.bad_request"
handler403 = "lakeshop.refusals.permission_denied"
handler404 = "lakeshop.refusals.page_not_found"
handler500 = "lakeshop.refusals.server_error"
