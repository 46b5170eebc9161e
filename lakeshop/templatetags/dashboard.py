"""Figures as people read them."""

from django import template

from pages import charts

register = template.Library()
register.filter("money", charts.money)
