"""What the server of these tests lacks or does otherwise, told to Django's test suite by the means it has for engines.

None of it is about lakebase.backend: Django's own engine fails the same tests on the same server.
"""

from typing import Any

from django.db.backends.postgresql.features import DatabaseFeatures
from django.utils.functional import cached_property

# The embedded PostgreSQL has no ICU and no pgcrypto, and lets only trusted extensions be made by its owner.
WITHOUT_ICU = {"deterministic": "C", "non_default": "C", "swedish_ci": None, "virtual": None}
EXTENSIONS_LEFT_OUT = r'(?:CryptoExtension\(\)|BloomExtension\(\)|CreateExtension\("uuid-ossp"\)),?'

SCHEMA = "schema.tests.SchemaTests."
POSTGRES = "postgres_tests."
SHA = ("1", "224", "256", "384", "512")
SKIPPED = {
    "SHA functions need pgcrypto, which the embedded PostgreSQL has not.": {
        f"db_functions.text.test_sha{bits}.SHA{bits}Tests.{name}"
        for bits in SHA
        for name in ("test_basic", "test_transform")
    },
    "bloom, file_fdw and uuid-ossp are not trusted or not there; the owner of a Lakebase is no superuser.": {
        f"{POSTGRES}test_indexes.SchemaTests.test_bloom_index",
        f"{POSTGRES}test_indexes.SchemaTests.test_bloom_parameters",
        f"{POSTGRES}test_operations.CreateExtensionTests.test_create_existing_extension",
        "inspectdb.tests.InspectDBTransactionalTests.test_foreign_data_wrapper",
    },
    "These make ICU collations, which the embedded PostgreSQL has not.": {
        f"{POSTGRES}test_operations.CreateCollationTests.test_create_collation_alternate_provider",
        f"{POSTGRES}test_operations.CreateCollationTests.test_create_non_deterministic_collation",
        f"{SCHEMA}test_ci_cs_db_collation",
        f"{SCHEMA}test_db_collation_arrayfield",
        f"{SCHEMA}test_relation_to_collation_charfield",
        f"{SCHEMA}test_unique_with_collation_charfield",
    },
    "PostgreSQL 18 lists NOT NULL among the constraints, which Django 5.2 does not expect.": {
        f"{POSTGRES}test_operations.AddIndexConcurrentlyTests.test_add_other_index_type",
        f"{POSTGRES}test_operations.AddIndexConcurrentlyTests.test_add_with_options",
        "introspection.tests.IntrospectionTests.test_get_constraints",
        f"{SCHEMA}test_add_indexed_charfield",
        f"{SCHEMA}test_add_unique_charfield",
        f"{SCHEMA}test_alter_field_add_db_index_to_charfield_with_unique",
        f"{SCHEMA}test_alter_field_add_index_to_charfield",
        f"{SCHEMA}test_alter_field_add_index_to_textfield",
        f"{SCHEMA}test_alter_field_add_unique_to_charfield",
        f"{SCHEMA}test_alter_field_add_unique_to_charfield_with_db_index",
        f"{SCHEMA}test_alter_field_remove_unique_and_db_index_from_charfield",
        f"{SCHEMA}test_alter_field_swap_unique_and_db_index_with_charfield",
        f"{SCHEMA}test_indexed_charfield_to_textfield",
    },
}


def describe() -> None:
    """Make Django's tests know this server."""
    features: Any = DatabaseFeatures
    djangos_own = features.django_test_skips.func
    skips = cached_property(lambda self: djangos_own(self) | SKIPPED)
    skips.__set_name__(features, "django_test_skips")
    features.django_test_skips = skips
    features.test_collations = WITHOUT_ICU
