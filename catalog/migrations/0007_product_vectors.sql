-- Vectors of any length in one column; each model has an index of its own over its rows, which `manage.py embed` makes.
-- Where pgvector is missing or refused the column is missing, all else works, and the search says so.
-- `manage.py migrate catalog 0006 && manage.py migrate` tries again.
CREATE TABLE ecommerce.product_vectors (product_id bigint PRIMARY KEY, model text NOT NULL, text_hash text NOT NULL);
DO $$
DECLARE
    place text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') THEN
        BEGIN
            CREATE EXTENSION vector WITH SCHEMA ecommerce;
        EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
            RAISE NOTICE 'Without pgvector there is no semantic search: %', SQLERRM;
            RETURN;
        END;
    END IF;
    SELECT extnamespace::regnamespace INTO place FROM pg_extension WHERE extname = 'vector';
    EXECUTE format('ALTER TABLE ecommerce.product_vectors ADD embedding %s.vector NOT NULL', place);
END
$$;
