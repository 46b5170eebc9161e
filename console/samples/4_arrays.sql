-- # Arrays

-- ## A tag
-- = ANY asks whether a value is one of the array's.

SELECT name, tags FROM ecommerce.products WHERE 'laptop' = ANY(tags);

-- ## Some of several tags
-- && asks whether two arrays share a value; a GIN index answers it.

SELECT name, tags FROM ecommerce.products WHERE tags && ARRAY['laptop', 'storage'];

-- ## Tags counted
-- unnest makes a row of each value, and GROUP BY counts them.

SELECT tag, count(*) AS products, array_agg(name ORDER BY name) AS names
FROM ecommerce.products, unnest(tags) AS tag
GROUP BY tag ORDER BY products DESC, tag;
