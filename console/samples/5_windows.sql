-- # Window functions

-- ## Running total
-- A window looks at other rows without making one of them: each order, and what came in up to it.

SELECT order_id, order_date, total_amount, sum(total_amount) OVER (ORDER BY order_date, order_id) AS so_far
FROM ecommerce.orders
ORDER BY order_date, order_id;

-- ## Rank in the category
-- PARTITION BY starts the window anew for each category.

SELECT category, name, price, rank() OVER (PARTITION BY category ORDER BY price DESC) AS place,
    round(100 * price / sum(price) OVER (PARTITION BY category), 1) AS percent
FROM ecommerce.products
ORDER BY category, place;

-- ## Time between orders
-- lag reads the row before: how long each customer waited to come back.

SELECT u.username, o.order_id, o.order_date,
    o.order_date - lag(o.order_date) OVER (PARTITION BY o.user_id ORDER BY o.order_date) AS since_the_last
FROM ecommerce.orders AS o JOIN ecommerce.users AS u USING (user_id)
ORDER BY u.username, o.order_date;
