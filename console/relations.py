"""What a statement may read: the shop's tables by name, and PostgreSQL's catalogs where they tell of the database.

Postgres itself decides by the reader's rights. This list is narrower, and says why: no catalog of logins, role
memberships, foreign passwords, files of the server.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from django.apps import apps
from django.conf import settings

from .apps import ConsoleConfig

CATALOG_NAMES = """
pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_cast pg_class pg_collation pg_constraint pg_conversion
pg_database pg_depend pg_description pg_enum pg_event_trigger pg_extension pg_index pg_inherits pg_language
pg_namespace pg_opclass pg_operator pg_opfamily pg_partitioned_table pg_policy pg_proc pg_publication
pg_publication_rel pg_range pg_rewrite pg_sequence pg_shdescription pg_statistic_ext pg_tablespace pg_trigger
pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template pg_type pg_available_extension_versions
pg_available_extensions pg_indexes pg_locks pg_matviews pg_policies pg_publication_tables pg_rules pg_sequences
pg_settings pg_stat_activity pg_stat_all_indexes pg_stat_all_tables pg_stat_archiver pg_stat_bgwriter
pg_stat_checkpointer pg_stat_database pg_stat_database_conflicts pg_stat_io pg_stat_progress_analyze
pg_stat_progress_cluster pg_stat_progress_copy pg_stat_progress_create_index pg_stat_progress_vacuum pg_stat_slru
pg_stat_sys_indexes pg_stat_sys_tables pg_stat_user_functions pg_stat_user_indexes pg_stat_user_tables pg_stat_wal
pg_stat_xact_all_tables pg_stat_xact_user_tables pg_statio_all_indexes pg_statio_all_tables pg_statio_sys_indexes
pg_statio_sys_tables pg_statio_user_indexes pg_statio_user_sequences pg_statio_user_tables pg_stats pg_stats_ext
pg_stats_ext_exprs pg_tables pg_timezone_abbrevs pg_timezone_names pg_views pg_wait_events
"""
CATALOGS = frozenset(CATALOG_NAMES.split())
# Of information_schema: what there is, and who may do what with it; not who is a member of what, nor other databases.
STANDARD_NAMES = """
attributes character_sets check_constraint_routine_usage check_constraints collation_character_set_applicability
collations column_column_usage column_domain_usage column_privileges column_udt_usage columns constraint_column_usage
constraint_table_usage data_type_privileges domain_constraints domain_udt_usage domains element_types
information_schema_catalog_name key_column_usage parameters referential_constraints role_column_grants
role_routine_grants role_table_grants role_udt_grants role_usage_grants routine_column_usage routine_privileges
routine_routine_usage routine_sequence_usage routine_table_usage routines schemata sequences sql_features
sql_implementation_info sql_parts sql_sizing table_constraints table_privileges tables transforms
triggered_update_columns triggers udt_privileges usage_privileges user_defined_types view_column_usage
view_routine_usage view_table_usage views
"""
STANDARD_VIEWS = frozenset(STANDARD_NAMES.split())
# Why, for what PostgreSQL has and this list has not; the first that fits.
_REASONS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (
            r"pg_(roles|user|shadow|group|authid|auth_members|db_role_setting|(default|parameter)_acl|init_privs)",
            "tells of logins, memberships and rights. The owner reads it in psql",
        ),
        (
            r"pg_foreign_(data_wrapper|server|table)|pg_user_mappings?",
            "tells of other databases and the passwords for them. The owner reads it in psql",
        ),
        (
            r"pg_(hba_file_rules|ident_file_mappings|file_settings|config)",
            "shows files of the server. pg_settings has what is set",
        ),
        (
            r"pg_largeobject(_metadata)?",
            "holds large objects, of which the shop has none. bytea columns are read as any",
        ),
        (r"pg_statistics?(_ext_data)?", "holds values of tables that nobody may read here. Read pg_stats"),
        (
            r"pg_(stat_)?(replication|subscription)(_\w+)?|pg_publication_namespace|pg_stat_wal_receiver"
            r"|pg_stat_(ssl|gssapi|recovery_prefetch|progress_basebackup)",
            "tells how other machines are connected. The owner reads it in psql",
        ),
        (
            r"pg_cursors|pg_prepared_(statements|xacts)|pg_aios|pg_backend_memory_contexts|pg_shmem_allocations(_numa)?",
            "shows the inside of sessions and of the server. pg_stat_activity and pg_locks tell who does what",
        ),
        (
            r"pg_(sh)?seclabels?|pg_shdepend|pg_transform|pg_stat_xact_(sys_tables|user_functions)"
            r"|pg_statio_(all|sys)_sequences",
            "is left out, as nothing of the shop is in it",
        ),
    )
)
_STANDARD_REASONS = (
    (re.compile(r"(applicable|enabled)_roles|administrable_role_\w+"), _REASONS[0][1]),
    (re.compile(r"(_pg_)?(foreign|user_mapping)\w*|column_options"), _REASONS[1][1]),
)
CATALOG, STANDARD = "pg_catalog", "information_schema"


def belongs_to_the_shop(schema: str, name: str) -> bool:
    """Whether a name, with its schema or without, is one of the shop's tables."""
    return schema in ("", settings.SHOP_SCHEMA) and name in ConsoleConfig.reads


def refusal(schema: str, name: str) -> str | None:
    """Why a relation may not be read and what to do instead; None when it may. No schema: none was written."""
    if belongs_to_the_shop(schema, name):
        return None
    if (schema == STANDARD and name in STANDARD_VIEWS) or (schema in ("", CATALOG) and name in CATALOGS):
        return None
    written = f"{schema}.{name}" if schema else name
    if reason := _reason(schema, name):
        return f"The query builder does not read {written}: it {reason}."
    offered = f"It reads {', '.join(ConsoleConfig.reads)}, and catalogs such as pg_class and pg_stat_activity."
    near = get_close_matches(name, [*ConsoleConfig.reads, *CATALOGS], n=1, cutoff=0.75)
    if near and schema in ("", settings.SHOP_SCHEMA, CATALOG):
        offered = f"Did you mean {near[0]}? {offered}"
    return f"The query builder does not read {written}. {offered}"


def _reason(schema: str, name: str) -> str:
    """Why what is there may not be read; empty for what is elsewhere, or nowhere."""
    if schema == STANDARD:
        for pattern, reason in _STANDARD_REASONS:
            if pattern.fullmatch(name):
                return reason
    if schema in ("", CATALOG):
        for pattern, reason in _REASONS:
            if pattern.fullmatch(name):
                return reason
    if schema in ("", settings.SHOP_SCHEMA) and any(model._meta.db_table == name for model in apps.get_models()):
        return f"is the site's own. The shop's are {', '.join(ConsoleConfig.reads)}"
    return ""
