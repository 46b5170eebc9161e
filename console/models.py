"""What each person has asked in the query builder."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class PastQuery(models.Model):
    """A statement as it was typed, and how it went; seen by nobody but the person who ran it."""

    query_id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    sql = models.TextField()
    asked_at = models.DateTimeField(db_default=Now())
    seconds = models.FloatField(null=True)
    rows = models.IntegerField(null=True)
    # Why it gave nothing; empty when it gave something.
    trouble = models.TextField(blank=True, default="")

    class Meta:
        db_table = "past_queries"
        verbose_name_plural = "past queries"
        indexes = (models.Index(fields=["person", "-query_id"], name="past_queries_of_person"),)

    def __str__(self) -> str:
        return self.sql[:80]
