"""The functions that a statement may call: names of pg_catalog that read, compute, and end.

Each name covers all its overloads, so a name stands here only when none of them writes, locks, waits, opens a file, or
runs SQL that is handed to it as text (as query_to_xml, ts_stat and the two-argument ts_rewrite do). A test asks the
catalogs of the server whether they are volatile; those that are, and why they may be called, stand in CHANGING.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

AGGREGATES = """
any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg
json_agg_strict json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict jsonb_agg
jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict max
min mode percentile_cont percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy regr_count regr_intercept
regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance
xmlagg
"""
WINDOWS = "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number"
NUMBERS = """
abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh bit_count cbrt ceil ceiling cos cosd cosh cot cotd
crc32 crc32c degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod num_nonnulls
num_nulls pi power pow radians round scale sign sin sind sinh sqrt tan tand tanh to_bin to_hex to_number to_oct
trim_scale trunc width_bucket random random_normal gen_random_uuid uuidv4 uuidv7 uuid_extract_timestamp
uuid_extract_version
"""
TEXTS = """
ascii bit_length btrim casefold char_length character_length chr concat concat_ws convert convert_from convert_to
decode encode format get_bit get_byte initcap is_normalized left length like_escape lower lpad ltrim md5 normalize
octet_length overlay parse_ident position quote_ident quote_literal quote_nullable regexp_count regexp_instr
regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr
repeat replace reverse right rpad rtrim set_bit set_byte sha224 sha256 sha384 sha512 similar_escape similar_to_escape
split_part starts_with string_to_array string_to_table strpos substr substring to_ascii to_char translate unistr upper
like notlike
"""
TIMES = """
age clock_timestamp date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days justify_hours
justify_interval make_date make_interval make_time make_timestamp make_timestamptz now overlaps statement_timestamp
timeofday timezone to_date to_timestamp transaction_timestamp
"""
ARRAYS = """
array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions
array_prepend array_remove array_replace array_reverse array_sample array_shuffle array_sort array_to_string
array_upper cardinality generate_series generate_subscripts trim_array unnest
"""
RANGES = """
daterange datemultirange int4range int4multirange int8range int8multirange isempty lower_inc lower_inf multirange
numrange nummultirange range_merge tsrange tsmultirange tstzrange tstzmultirange upper_inc upper_inf
"""
DOCUMENTS = """
array_to_json json_array_elements json_array_elements_text json_array_length json_build_array json_build_object
json_each json_each_text json_extract_path json_extract_path_text json_object json_object_keys json_populate_record
json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_array_elements
jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_concat jsonb_contained
jsonb_contains jsonb_delete jsonb_delete_path jsonb_each jsonb_each_text jsonb_exists jsonb_exists_all
jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_keys
jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query jsonb_path_query_array
jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
jsonb_populate_record_valid jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls
jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb xml_is_well_formed
xml_is_well_formed_content xml_is_well_formed_document xmlcomment xmltext
"""
SEARCH = """
array_to_tsvector get_current_ts_config json_to_tsvector jsonb_to_tsvector numnode phraseto_tsquery plainto_tsquery
querytree setweight strip to_tsquery to_tsvector ts_debug ts_delete ts_filter ts_headline ts_lexize ts_parse ts_rank
ts_rank_cd ts_token_type tsquery_phrase tsvector_to_array websearch_to_tsquery
"""
ADDRESSES = "abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen"
SHAPES = "area center diagonal diameter height isclosed isopen npoints radius slope width"
ENUMS = "enum_first enum_last enum_range"
# Types in the notation of functions: date('2026-01-31') is a cast.
CASTS = """
bit bool bpchar bytea cidr date float4 float8 inet int2 int4 int8 interval json jsonb money name numeric oid pg_lsn
point regclass text time timestamp timestamptz timetz uuid varbit varchar xml
"""
SERVER = """
acldefault aclexplode col_description current_catalog current_database current_query current_schema current_schemas
current_setting current_user format_type getdatabaseencoding has_any_column_privilege has_column_privilege
has_database_privilege has_function_privilege has_schema_privilege has_sequence_privilege has_table_privilege
has_type_privilege icu_unicode_version inet_client_addr inet_client_port inet_server_addr inet_server_port
obj_description pg_backend_pid pg_basetype pg_client_encoding pg_collation_for pg_column_compression pg_column_size
pg_conf_load_time pg_control_checkpoint pg_control_system pg_current_snapshot pg_current_xact_id_if_assigned
pg_database_size pg_describe_object pg_encoding_to_char pg_function_is_visible pg_get_constraintdef pg_get_expr
pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_functiondef pg_get_indexdef
pg_get_keywords pg_get_partition_constraintdef pg_get_partkeydef pg_get_ruledef pg_get_serial_sequence
pg_get_statisticsobjdef pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role pg_identify_object
pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_indexes_size pg_input_error_info
pg_input_is_valid pg_is_in_recovery pg_my_temp_schema pg_options_to_table pg_partition_ancestors pg_partition_root
pg_partition_tree pg_postmaster_start_time pg_relation_size pg_sequence_parameters pg_settings_get_flags pg_size_bytes
pg_size_pretty pg_snapshot_xip pg_snapshot_xmax pg_snapshot_xmin pg_stat_get_dead_tuples pg_stat_get_live_tuples
pg_stat_get_numscans pg_table_is_visible pg_table_size pg_total_relation_size pg_type_is_visible pg_typeof
pg_visible_in_snapshot pg_wal_lsn_diff row_security_active session_user shobj_description system_user to_regclass
to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype
unicode_version version
"""

KINDS = (AGGREGATES, WINDOWS, NUMBERS, TEXTS, TIMES, ARRAYS, RANGES, DOCUMENTS, SEARCH, ADDRESSES, SHAPES, ENUMS, CASTS)
ALLOWED = frozenset(" ".join((*KINDS, SERVER)).split())
# Volatile, and still here: what each gives differs from call to call, and nothing is changed by it.
CHANGES = """
array_sample array_shuffle clock_timestamp current_query gen_random_uuid pg_control_checkpoint pg_control_system
pg_database_size pg_indexes_size pg_is_in_recovery pg_partition_ancestors pg_partition_root pg_partition_tree
pg_relation_size pg_table_size pg_total_relation_size random random_normal timeofday uuidv4 uuidv7
"""
CHANGING = frozenset(CHANGES.split())

# Why, for what people try; the first that fits.
_REASONS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"set_config|setseed", "changes settings. SHOW and current_setting() read them"),
        (
            r"(query|cursor|table|schema|database)_to_xml.*|ts_stat|ts_rewrite|dblink.*",
            "reads or runs what is handed to it as text, unseen by the checks here. Write that query itself",
        ),
        (
            r"nextval|setval|currval|lastval|pg_sequence_last_value",
            "moves or reads a sequence. Insert on the shop's pages",
        ),
        (r"pg_(try_)?advisory.*", "takes or gives back locks. Nothing here needs one"),
        (r"pg_notify|pg_listening.*|pg_logical_emit_message", "talks to other sessions. Use psql for that"),
        (
            r"pg_(terminate|cancel)_backend|pg_reload_conf|pg_rotate.*|pg_promote|pg_log_.*",
            "acts on the server and other people's sessions. An owner does that with psql",
        ),
        (
            r"xpath(_exists)?|xmlexists",
            "searches by XPath, in which a short text works for hours and nothing stops it. Use jsonb_path_query()",
        ),
        (r"pg_sleep.*", "only waits and holds a connection. Leave it out"),
        (
            r"pg_read_.*|pg_ls_.*|pg_stat_file|lo_.*|lo(read|write|import|export)|pg_file_.*|pg_current_logfile",
            "reaches files or large objects of the server. The query builder reads tables",
        ),
        (
            r"txid_.*|pg_current_xact_id|pg_export_snapshot",
            "takes a transaction number. pg_current_snapshot() shows the present ones",
        ),
        (r"pg_stat_reset.*|pg_stat_(clear|force).*", "resets statistics. Read them in pg_stat_user_tables"),
    )
)


def refusal(name: str) -> str | None:
    """Why a function of pg_catalog may not be called and what to do instead; None when it may."""
    if name in ALLOWED:
        return None
    for pattern, reason in _REASONS:
        if pattern.fullmatch(name):
            return f"The function {name} {reason}."
    near = get_close_matches(name, ALLOWED, n=1, cutoff=0.8)
    instead = (
        f"Did you mean {near[0]}?" if near else "Use another of PostgreSQL's own, or ask an owner to run it in psql."
    )
    return f"The function {name} is not one that the query builder calls. {instead}"
