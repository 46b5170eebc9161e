"""The pages of the audit trail."""

from django.urls import path

from . import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="trail"),
    path("news", views.news, name="news"),
    path("<key:audit_id>/", views.entry, name="entry"),
    path("export.csv", views.export, {"kind": "csv"}, name="export_csv"),
    path("export.jsonl", views.export, {"kind": "jsonl"}, name="export_jsonl"),
    path("activity", views.activity, name="activity"),
]
