CREATE TABLE ecommerce.audit_log (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    operation text NOT NULL CONSTRAINT audit_log_operation_known
        CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')),
    record_id bigint,
    old_data jsonb,
    new_data jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Inside a SECURITY DEFINER function current_user is its owner; session_user is who logged in.
    created_by text NOT NULL DEFAULT session_user,
    -- What the site says about itself: whoever runs SQL may set these two to anything.
    actor text DEFAULT nullif(current_setting('lakeshop.actor', true), ''),
    request_id text DEFAULT nullif(current_setting('lakeshop.request_id', true), ''),
    txid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint
);
CREATE INDEX audit_log_created_at ON ecommerce.audit_log USING brin (created_at);
CREATE INDEX audit_log_feed ON ecommerce.audit_log (table_name, operation, audit_id);
CREATE INDEX audit_log_record ON ecommerce.audit_log (record_id, table_name, audit_id);
CREATE INDEX audit_log_actor ON ecommerce.audit_log (actor, audit_id) WHERE actor IS NOT NULL;
-- Everything of one transaction: its entries lie together.
CREATE INDEX audit_log_txid ON ecommerce.audit_log USING brin (txid) WITH (pages_per_range = 16);

-- How many entries there are, without counting them: each statement adds a row, and whoever reads folds them together.
CREATE TABLE ecommerce.audit_counts (
    table_name text, operation text, entries bigint NOT NULL, PRIMARY KEY (table_name, operation)
);
CREATE TABLE ecommerce.audit_count_deltas (
    table_name text NOT NULL, operation text NOT NULL, entries bigint NOT NULL
);
CREATE VIEW ecommerce.audit_summary AS
    SELECT table_name || '.' || operation AS id, table_name, operation,
        sum(entries)::bigint AS entries, sum(unfolded)::bigint AS unfolded
    FROM (
        SELECT table_name, operation, entries, 0 AS unfolded FROM ecommerce.audit_counts
        UNION ALL SELECT table_name, operation, entries, 1 FROM ecommerce.audit_count_deltas
    ) AS counted
    GROUP BY table_name, operation
    HAVING sum(entries) > 0 OR sum(unfolded) > 0;

-- Default privileges may have given the site's role every right to rows before anyone could run `grant` again.
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT DISTINCT pg_class.oid::regclass AS relation, grantee::regrole AS role
        FROM pg_class, aclexplode(relacl)
        WHERE relnamespace = 'ecommerce'::regnamespace AND grantee NOT IN (relowner, 0)
            AND relname IN ('audit_log', 'audit_summary', 'audit_counts', 'audit_count_deltas')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', given.relation, given.role);
        EXECUTE format('GRANT SELECT ON %s TO %s', given.relation, given.role);
    END LOOP;
END
$$;

-- The one function behind every audited table's triggers; its argument is the name of the key column.
-- A changed key is recorded under the new one: the old image tells which it was.
CREATE FUNCTION ecommerce.audit_record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
-- The plan of the join is kept. Made after one-row updates it was a nested loop, and 10,000 rows took a minute.
SET enable_nestloop = off
AS $$
DECLARE
    key_column text := TG_ARGV[0];
    written bigint;
BEGIN
    -- Anyone may put this function on a temporary table named like a real one, and so forge entries.
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        RAISE EXCEPTION '%.% cannot be audited', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege', HINT = 'Only tables of the schema ecommerce are.';
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_log (table_name, operation, record_id, new_data)
        SELECT TG_TABLE_NAME, TG_OP, (image ->> key_column)::bigint, image
        FROM (SELECT to_jsonb(added.*) AS image FROM new_rows AS added OFFSET 0) AS added;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO audit_log (table_name, operation, record_id, old_data)
        SELECT TG_TABLE_NAME, TG_OP, (image ->> key_column)::bigint, image
        FROM (SELECT to_jsonb(gone.*) AS image FROM old_rows AS gone OFFSET 0) AS gone;
    ELSE
        -- Paired by position, since a key may change. PostgreSQL fills both tables in one order, without promising
        -- it: the tests watch over that.
        INSERT INTO audit_log (table_name, operation, record_id, old_data, new_data)
        SELECT TG_TABLE_NAME, TG_OP, (after.image ->> key_column)::bigint, before.image, after.image
        FROM (SELECT row_number() OVER () AS place, to_jsonb(was.*) AS image FROM old_rows AS was) AS before
        JOIN (SELECT row_number() OVER () AS place, to_jsonb(now.*) AS image FROM new_rows AS now) AS after
            USING (place);
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written > 0 THEN
        INSERT INTO audit_count_deltas VALUES (TG_TABLE_NAME, TG_OP, written);
    END IF;
    RETURN NULL;
END
$$;

-- TRUNCATE shows no rows to anyone: one entry says how many there were.
CREATE FUNCTION ecommerce.audit_record_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
AS $$
DECLARE
    truncated bigint;
BEGIN
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        RAISE EXCEPTION '%.% cannot be audited', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege', HINT = 'Only tables of the schema ecommerce are.';
    END IF;
    EXECUTE format('SELECT count(*) FROM %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO truncated;
    INSERT INTO audit_log (table_name, operation, old_data)
    VALUES (TG_TABLE_NAME, TG_OP, jsonb_build_object('rows', truncated));
    INSERT INTO audit_count_deltas VALUES (TG_TABLE_NAME, TG_OP, 1);
    RETURN NULL;
END
$$;

-- The log only grows, for its owner too. Entries leave it through audit_drop_before() and no other way.
CREATE FUNCTION ecommerce.audit_keep_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('lakeshop.audit_retention', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of ecommerce.audit_log refused: the audit trail only grows', TG_OP
        USING ERRCODE = 'insufficient_privilege',
            HINT = 'To drop old entries run SELECT * FROM ecommerce.audit_drop_before(moment) as the owner.';
END
$$;
CREATE TRIGGER audit_keep_entries BEFORE UPDATE OR DELETE OR TRUNCATE ON ecommerce.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION ecommerce.audit_keep_entries();

-- Drops the entries made before a moment, for the owner alone, and leaves an entry that tells what it dropped.
CREATE FUNCTION ecommerce.audit_drop_before(
    moment timestamptz, OUT entries bigint, OUT first_id bigint, OUT last_id bigint
) LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    PERFORM set_config('lakeshop.audit_retention', 'on', true);
    WITH dropped AS (DELETE FROM audit_log WHERE created_at < moment RETURNING audit_id, table_name, operation),
        uncounted AS (
            INSERT INTO audit_count_deltas SELECT table_name, operation, -count(*) FROM dropped GROUP BY 1, 2
        )
    SELECT count(*), min(audit_id), max(audit_id) INTO entries, first_id, last_id FROM dropped;
    PERFORM set_config('lakeshop.audit_retention', 'off', true);
    IF entries > 0 THEN
        INSERT INTO audit_log (table_name, operation, old_data)
        VALUES ('audit_log', 'DELETE', jsonb_build_object(
            'before', moment, 'entries', entries, 'first_id', first_id, 'last_id', last_id));
        INSERT INTO audit_count_deltas VALUES ('audit_log', 'DELETE', 1);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION ecommerce.audit_drop_before(timestamptz) FROM PUBLIC;

-- Whoever reads many deltas folds them; only one at a time, and nobody waits.
CREATE FUNCTION ecommerce.audit_fold_counts() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_read_only') = 'off'
        AND pg_try_advisory_xact_lock('ecommerce.audit_counts'::regclass::oid::bigint)
    THEN
        WITH taken AS (DELETE FROM audit_count_deltas RETURNING *)
        INSERT INTO audit_counts AS kept SELECT table_name, operation, sum(entries) FROM taken GROUP BY 1, 2
        ON CONFLICT (table_name, operation) DO UPDATE SET entries = kept.entries + excluded.entries;
    END IF;
END
$$;
