-- The tables of a list, with what a person who writes queries wants to know. One row: an array of objects.
-- Arguments: the schema, the names of the tables in the order in which they are shown.
SELECT coalesce(json_agg(json_build_object(
    'name', c.relname,
    'about', coalesce(obj_description(c.oid), ''),
    -- -1 until somebody has analysed it.
    'rows', nullif(c.reltuples, -1)::bigint,
    'columns', (
        SELECT json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, a.atttypmod),
            'may_be_null', NOT a.attnotnull,
            'is_generated', a.attgenerated <> '',
            'about', coalesce(col_description(c.oid, a.attnum), ''),
            'refers_to', (
                SELECT k.confrelid::regclass::text FROM pg_constraint AS k
                WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1
            )
        ) ORDER BY a.attnum)
        FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ),
    'indexes', (
        SELECT coalesce(json_agg(json_build_object(
            'name', i.relname,
            'is_unique', x.indisunique,
            'on', regexp_replace(pg_get_indexdef(x.indexrelid), '^.* USING ', '')
        ) ORDER BY NOT x.indisprimary, i.relname), '[]')
        FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid
    )
) ORDER BY array_position(%(tables)s::text[], c.relname::text)), '[]')
FROM pg_class AS c
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname = ANY (%(tables)s)
