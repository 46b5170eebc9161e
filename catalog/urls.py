"""The pages of products and users, alone and by the file."""

from django.urls import path, re_path

from . import downloads
from . import product_views as products
from . import user_views as users
from .importing import views as bulk
from .search import views as searching

app_name = "catalog"
urlpatterns = [
    path("products/", products.product_list, name="product_list"),
    path("products/add", products.product_add, name="product_add"),
    path("products/check", products.product_check, name="product_check"),
    path("products/delete", products.product_delete, name="product_delete"),
    path("products/<key:product_id>/", products.product, name="product"),
    path("products/<key:product_id>/edit", products.product_edit, name="product_edit"),
    path("products/<key:product_id>/check", products.product_check, name="product_check_of"),
    path("search/", searching.page, name="search"),
    path("search/proof", searching.proof, name="search_proof"),
    path("search/vectors", searching.vector_state, name="search_vectors"),
    path("users/", users.user_list, name="user_list"),
    path("users/add", users.user_add, name="user_add"),
    path("users/check", users.user_check, name="user_check"),
    path("users/delete", users.user_delete, name="user_delete"),
    path("users/<key:user_id>/", users.user, name="user"),
    path("users/<key:user_id>/edit", users.user_edit, name="user_edit"),
    path("users/<key:user_id>/check", users.user_check, name="user_check_of"),
    # Files
    path("import/", bulk.bulk_import, name="bulk_import"),
    path("import/<key:import_id>/", bulk.bulk_result, name="bulk_result"),
    path("import/example/<str:kind>.csv", downloads.csv_example, name="csv_example"),
    path("import/<str:kind>/<str:sha256>/", bulk.bulk_preview, name="bulk_preview"),
    path("import/<str:kind>/<str:sha256>/rejected.csv", bulk.bulk_rejected, name="bulk_rejected"),
    re_path(r"^export/(?P<kind>products|users)\.csv$", downloads.export, name="export"),
]
