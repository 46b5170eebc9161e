-- # WITH

-- ## Shares of the revenue
-- A query with a name, used twice.

WITH sold AS (
    SELECT p.category, sum(i.subtotal) AS revenue
    FROM ecommerce.order_items AS i JOIN ecommerce.products AS p USING (product_id)
    GROUP BY p.category
)
SELECT category, revenue, round(100 * revenue / (SELECT sum(revenue) FROM sold), 1) AS percent
FROM sold
ORDER BY revenue DESC;

-- ## Days without orders
-- A recursive query counts days; LEFT JOIN keeps those on which nobody ordered.

WITH RECURSIVE days AS (
    SELECT current_date - 13 AS day
    UNION ALL
    SELECT day + 1 FROM days WHERE day < current_date
)
SELECT days.day, count(o.order_id) AS orders, coalesce(sum(o.total_amount), 0) AS total
FROM days LEFT JOIN ecommerce.orders AS o ON o.order_date >= days.day AND o.order_date < days.day + 1
GROUP BY days.day
ORDER BY days.day;

-- ## Bought together
-- Pairs of products in one order: a table joined with itself.

WITH lines AS (
    SELECT i.order_id, p.product_id, p.name
    FROM ecommerce.order_items AS i JOIN ecommerce.products AS p USING (product_id)
)
SELECT a.name AS product, b.name AS together_with, count(*) AS orders
FROM lines AS a JOIN lines AS b ON a.order_id = b.order_id AND a.product_id < b.product_id
GROUP BY a.name, b.name
ORDER BY orders DESC, product, together_with;
