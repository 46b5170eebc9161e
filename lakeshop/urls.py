"""Where everything is."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from orders import downloads, resetting_views

from . import signin, views

urlpatterns = [
    path("", views.home, name="home"),
    path("news", views.home_news, name="home_news"),
    path("connection", views.connection, name="connection"),
    path("theme", views.choose_theme, name="choose_theme"),
    path("", include("catalog.urls")),
    path("", include("orders.urls")),
    path("export/orders.csv", downloads.export, name="export_orders"),
    path("sample", resetting_views.plant_sample, name="plant_sample"),
    path("reset", resetting_views.reset, name="reset"),
    path("query/", include("console.urls")),
    path("audit/", include("audit.urls")),
    # People
    path("sign-in", signin.sign_in, name="sign_in"),
    path("sign-in/learner", signin.sign_in_as_learner, name="sign_in_as_learner"),
    path("sign-out", signin.sign_out, name="sign_out"),
    path("account/password", signin.change_password, name="change_password"),
    # The admin, with the site's own ways in and out
    path("admin/login/", RedirectView.as_view(pattern_name="sign_in", query_string=True)),
    path("admin/logout/", signin.sign_out),
    path("admin/password_change/", RedirectView.as_view(pattern_name="change_password")),
    path("admin/", admin.site.urls),
    # For machines
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

handler400 = "lakeshop.refusals.bad_request"
handler403 = "lakeshop.refusals.permission_denied"
handler404 = "lakeshop.refusals.page_not_found"
handler500 = "lakeshop.refusals.server_error"
