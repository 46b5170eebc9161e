-- # Plans

-- ## How a query would run
-- EXPLAIN shows the plan and what the planner expects, without running it.

EXPLAIN
SELECT o.order_id, u.username FROM ecommerce.orders AS o JOIN ecommerce.users AS u USING (user_id)
WHERE o.status = 'completed';

-- ## How a query did run
-- ANALYZE runs it and measures: compare the rows that were expected with those that came.

EXPLAIN (ANALYZE, BUFFERS)
SELECT p.category, sum(i.subtotal) FROM ecommerce.order_items AS i JOIN ecommerce.products AS p USING (product_id)
GROUP BY p.category;

-- ## A plan as JSON
-- The same for programs.

EXPLAIN (FORMAT JSON) SELECT * FROM ecommerce.users WHERE metadata @> '{"tier": "gold"}';
