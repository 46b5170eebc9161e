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

-- Default privileges may have given the site's role every right to rows before anyone could run `grant` again.
DO $$
DECLARE
    grantee regrole;
BEGIN
    FOR grantee IN
        SELECT DISTINCT given.grantee FROM pg_class, aclexplode(relacl) AS given
        WHERE pg_class.oid = 'ecommerce.audit_log'::regclass AND given.grantee NOT IN (relowner, 0)
    LOOP
        EXECUTE format('REVOKE ALL ON ecommerce.audit_log FROM %s', grantee);
        EXECUTE format('GRANT SELECT ON ecommerce.audit_log TO %s', grantee);
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
    WITH dropped AS (DELETE FROM audit_log WHERE created_at < moment RETURNING audit_id)
    SELECT count(*), min(audit_id), max(audit_id) INTO entries, first_id, last_id FROM dropped;
    PERFORM set_config('lakeshop.audit_retention', 'off', true);
    IF entries > 0 THEN
        INSERT INTO audit_log (table_name, operation, old_data)
        VALUES ('audit_log', 'DELETE', jsonb_build_object(
            'before', moment, 'entries', entries, 'first_id', first_id, 'last_id', last_id));
    END IF;
END
$$;
REVOKE ALL ON FUNCTION ecommerce.audit_drop_before(timestamptz) FROM PUBLIC;
