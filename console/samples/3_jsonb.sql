-- # JSONB

-- ## Users and their roles
-- ->> takes the value of a key as text. A key that is not there gives NULL.

SELECT username, metadata->>'role' AS role, metadata->>'tier' AS tier
FROM ecommerce.users WHERE metadata->>'role' IS NOT NULL OR metadata->>'tier' IS NOT NULL;

-- ## Gold customers
-- @> asks whether a document contains another; a GIN index answers it.

SELECT username FROM ecommerce.users WHERE metadata @> '{"tier": "gold"}';

-- ## Orders by city
-- An address is a document. Its parts are grouped by like columns.

SELECT shipping_address->>'city' AS city, COUNT(*) FROM ecommerce.orders
GROUP BY shipping_address->>'city';

-- ## Keys of the documents
-- Which keys the users' documents have, and how many have each.

SELECT key, count(*) AS users, array_agg(DISTINCT value) AS values
FROM ecommerce.users, jsonb_each_text(metadata)
GROUP BY key ORDER BY users DESC;

-- ## Orders as documents
-- The other way round: rows become one document for each order, lines included.

SELECT o.order_id, jsonb_build_object(
    'customer', u.username,
    'total', o.total_amount,
    'lines', jsonb_agg(jsonb_build_object('product', p.name, 'quantity', i.quantity) ORDER BY p.name)
) AS document
FROM ecommerce.orders AS o
JOIN ecommerce.users AS u USING (user_id)
JOIN ecommerce.order_items AS i USING (order_id)
JOIN ecommerce.products AS p USING (product_id)
GROUP BY o.order_id, u.username
ORDER BY o.order_id;

-- ## A path into a document
-- SQL/JSON path: expensive products as the audit log saw them added.

SELECT record_id, jsonb_path_query(new_data, '$ ? (@.price > 100).name') AS product
FROM ecommerce.audit_log
WHERE table_name = 'products' AND operation = 'INSERT';
