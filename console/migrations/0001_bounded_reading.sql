-- How the query builder reads: rows come in portions, each no larger than asked for, and so do errors. A statement may
-- put 50 MB into one cell, one line of a plan or one error message, and whoever receives it holds it whole in memory.
--
-- All three run with the rights of whoever calls them and give nobody a right: the query builder's role reads little,
-- its transaction only reads, and the statement has passed the parser. That it is one statement Postgres sees to: text
-- is run as a cursor here, and a cursor is never two.

-- Opens the cursor "console" on a query whose one column is a text[]. The cursor lives as long as the transaction.
CREATE FUNCTION ecommerce.console_open(query text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rows refcursor := 'console';
    message text; detail text; hint text; state text;
BEGIN
    OPEN rows NO SCROLL FOR EXECUTE query;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
        state = RETURNED_SQLSTATE;
    RAISE EXCEPTION USING MESSAGE = left(message, 2000), DETAIL = left(detail, 2000), HINT = left(hint, 2000),
        ERRCODE = state;
END
$$;

-- The cursor's next rows, at most so many. A row of NULL is the last one where `most_bytes` of them were read before.
CREATE FUNCTION ecommerce.console_next(most_rows int, most_bytes int) RETURNS SETOF text[] LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rows refcursor := 'console';
    found_row text[];
    bytes bigint := 0;
    message text; detail text; hint text; state text;
BEGIN
    FOR number IN 1 .. most_rows LOOP
        IF bytes > most_bytes THEN
            RETURN NEXT NULL;
            EXIT;
        END IF;
        FETCH rows INTO found_row;
        EXIT WHEN NOT FOUND;
        RETURN NEXT found_row;
        bytes := bytes + pg_column_size(found_row);
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
        state = RETURNED_SQLSTATE;
    RAISE EXCEPTION USING MESSAGE = left(message, 2000), DETAIL = left(detail, 2000), HINT = left(hint, 2000),
        ERRCODE = state;
END
$$;

-- The lines of an EXPLAIN, each a row of one cell, cut after so many characters.
CREATE FUNCTION ecommerce.console_plan(explain text, longest int) RETURNS SETOF text[] LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    line text;
    message text; detail text; hint text; state text;
BEGIN
    FOR line IN EXECUTE explain LOOP
        RETURN NEXT ARRAY[left(line, longest)];
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
        state = RETURNED_SQLSTATE;
    RAISE EXCEPTION USING MESSAGE = left(message, 2000), DETAIL = left(detail, 2000), HINT = left(hint, 2000),
        ERRCODE = state;
END
$$;
