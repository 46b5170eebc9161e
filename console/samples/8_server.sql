-- # The database itself

-- ## Where am I
-- A branch is a PostgreSQL server of its own, with the names, the rows and even the system identifier of the branch it
-- was copied from. Its own are when its server started and what was changed since: run this on two.

SELECT current_database() AS database, current_user AS reading_as, session_user AS logged_in_as,
    current_setting('server_version') AS version, pg_postmaster_start_time() AS awake_since,
    clock_timestamp() - pg_postmaster_start_time() AS awake_for,
    (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
    (SELECT max(audit_id) FROM audit_log) AS newest_audit_entry,
    (SELECT created_at FROM audit_log ORDER BY audit_id DESC LIMIT 1) AS changed_at;

-- ## Who is connected
-- The sessions of this server, by who logged in. What others do is not shown to the reader: state is NULL
-- there, and query says <insufficient privilege>.

SELECT pid, datname, usename, application_name, state, query
FROM pg_stat_activity
WHERE datname IS NOT NULL
ORDER BY pid;

-- ## Sizes of the tables
-- Rows as the planner takes them to be, since VACUUM or ANALYZE last looked (NULL: neither has yet), and bytes on disk
-- with indexes.

SELECT relname AS "table", nullif(reltuples, -1)::bigint AS rows, pg_size_pretty(pg_total_relation_size(oid)) AS size
FROM pg_class
WHERE relnamespace = 'ecommerce'::regnamespace AND relkind = 'r'
ORDER BY pg_total_relation_size(oid) DESC
LIMIT 20;

-- ## Indexes and their use
-- An index that no query has used yet costs something at every write.

SELECT relname AS "table", indexrelname AS index, idx_scan AS scans, pg_size_pretty(pg_relation_size(indexrelid)) AS size
FROM pg_stat_user_indexes
WHERE relname IN ('users', 'products', 'orders', 'order_items', 'audit_log')
ORDER BY relname, scans DESC;

-- ## Columns of the tables
-- The catalog that every SQL database has.

SELECT table_name, column_name, data_type, is_nullable, column_default
FROM information_schema.columns
WHERE table_schema = 'ecommerce' AND table_name IN ('users', 'products', 'orders', 'order_items', 'audit_log')
ORDER BY table_name, ordinal_position;

-- ## Settings of this branch
-- What differs from PostgreSQL's defaults, and where it was set.

SELECT name, setting, unit, source FROM pg_settings
WHERE source NOT IN ('default', 'override', 'client', 'session')
ORDER BY name;

-- ## One setting
-- SHOW reads what SET would change.

SHOW search_path;
