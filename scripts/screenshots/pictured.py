"""Which picture shows the page of each address, as the site's own list of addresses writes it."""

ADDRESSES = {
    "": "dashboard",
    "connection": "connection",
    "products/": "products",
    "products/add": "product-add",
    "products/delete": "product-delete",
    "products/<key:product_id>/": "product",
    "products/<key:product_id>/edit": "product-edit",
    "search/": "search",
    "search/proof": "search-proof",
    "search/vectors": "search-vectors",
    "users/": "users",
    "users/add": "user-add",
    "users/delete": "user-delete",
    "users/<key:user_id>/": "user",
    "users/<key:user_id>/edit": "user-edit",
    "import/": "import",
    "import/<key:import_id>/": "import-result",
    "import/<str:kind>/<str:sha256>/": "import-preview",
    "orders/": "orders",
    "orders/<key:order_id>/": "order",
    "orders/<key:order_id>/cancel": "order-cancel",
    "orders/place": "order-create",
    "query/": "query",
    "query/past": "query-past",
    "audit/": "audit-trail",
    "audit/activity": "activity",
    "audit/<key:audit_id>/": "audit-entry",
    "reset": "reset",
    "sign-in": "sign-in",
    "account/password": "password",
}
# The admin's pages are Django's, in the site's colours: one of each kind.
ADMIN = ("admin", "admin-products", "admin-import")
# Told by what went wrong, under whatever address.
TROUBLE = ("403", "404", "500", "503", "conflict", "signed-out")
