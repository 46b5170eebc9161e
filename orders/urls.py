"""The pages of orders."""

from django.urls import path

from . import placing_views as placing
from . import views

app_name = "orders"
urlpatterns = [
    path("orders/", views.order_list, name="order_list"),
    path("orders/<key:order_id>/", views.order, name="order"),
    path("orders/<key:order_id>/move", views.order_move, name="order_move"),
    path("orders/<key:order_id>/cancel", views.order_cancel, name="order_cancel"),
    path("orders/place", placing.order_place, name="order_place"),
    path("orders/place/reckoning", placing.reckoning, name="reckoning"),
    path("orders/place/line", placing.line, name="line"),
    path("orders/place/customers", placing.customers, name="customers"),
    path("orders/place/products", placing.products, name="products"),
]
