-- Trigrams answer LIKE '%words%', of upper case as Django writes it. Products have theirs in a table of their own (0006):
-- here each change of stock would enter all of a product's trigrams anew. PostgreSQL lets any role that may create in the
-- database have pg_trgm; where it is missing or refused all else works, only such a search reads the whole table.
-- `manage.py migrate catalog 0004 && manage.py migrate` tries again.
DO $$
DECLARE
    place text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
        BEGIN
            CREATE EXTENSION pg_trgm WITH SCHEMA ecommerce;
        EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
            RAISE NOTICE 'Without pg_trgm a search by words reads whole tables: %', SQLERRM;
            RETURN;
        END;
    END IF;
    SELECT extnamespace::regnamespace INTO place FROM pg_extension WHERE extname = 'pg_trgm';
    EXECUTE format('CREATE INDEX users_words ON users USING gin (upper(username::text) %1$s.gin_trgm_ops, '
        'upper(full_name::text) %1$s.gin_trgm_ops, upper(email::text) %1$s.gin_trgm_ops)', place);
END
$$;
