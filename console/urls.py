"""Where the query builder is."""

from django.urls import path

from . import history_views, views
from .export import FORMATS

app_name = "console"
urlpatterns = [
    path("", views.query, name="query"),
    path("stop", views.stop, name="stop"),
    *(path(f"export.{kind}", views.export, {"kind": kind}, name=f"export_{kind}") for kind in FORMATS),
    path("past", history_views.past, name="past"),
    path("past/forget-all", history_views.forget_all, name="forget_all"),
    path("past/<key:query_id>/forget", history_views.forget, name="forget"),
]
