-- # The shop

-- ## All users
-- Every row and every column of the shop's users: customers, vendors and admins, as data.

SELECT * FROM ecommerce.users;

-- ## All products
-- What is for sale, with its price, its stock, and its tags as an array.

SELECT * FROM ecommerce.products;

-- ## Recent products
-- The newest first: ORDER BY ... DESC with LIMIT reads no more than it shows.

-- Check recent products
SELECT product_id, name, price, created_at
FROM ecommerce.products
ORDER BY created_at DESC
LIMIT 5;

-- ## Recent orders
-- A join: an order holds its user's number, and the name is looked up.

SELECT o.order_id, u.username, o.order_date, o.status, o.total_amount
FROM ecommerce.orders o JOIN ecommerce.users u ON o.user_id = u.user_id
ORDER BY o.order_date DESC LIMIT 10;

-- ## Product inventory
-- The ten products of which most are in stock.

SELECT name, stock_quantity, category FROM ecommerce.products
ORDER BY stock_quantity DESC LIMIT 10;

-- ## Low stock
-- What should be ordered again: fewer than 50 left, the scarcest first.

SELECT product_id, name, stock_quantity, category FROM ecommerce.products
WHERE stock_quantity < 50 ORDER BY stock_quantity ASC;

-- ## Top selling products
-- Units and revenue of each product, from the lines of all orders. GROUP BY makes one row of many.

SELECT p.name, SUM(oi.quantity) AS total_sold, SUM(oi.subtotal) AS revenue
FROM ecommerce.products p JOIN ecommerce.order_items oi ON p.product_id = oi.product_id
GROUP BY p.product_id, p.name ORDER BY total_sold DESC LIMIT 10;

-- ## Revenue by category
-- Only completed orders count as revenue; three tables are joined for it.

SELECT p.category, SUM(oi.subtotal) AS revenue
FROM ecommerce.order_items oi JOIN ecommerce.products p ON oi.product_id = p.product_id
JOIN ecommerce.orders o ON oi.order_id = o.order_id WHERE o.status = 'completed'
GROUP BY p.category ORDER BY revenue DESC;

-- ## Revenue
-- One number: what all completed orders came to. It is exact, since money is numeric here and never a float.

SELECT SUM(total_amount) FROM ecommerce.orders WHERE status = 'completed';

-- ## Top customers
-- Who ordered most, and how often.

SELECT u.username, u.email, COUNT(o.order_id) AS orders, SUM(o.total_amount) AS spent
FROM ecommerce.users u JOIN ecommerce.orders o ON u.user_id = o.user_id
GROUP BY u.user_id, u.username, u.email ORDER BY spent DESC LIMIT 10;

-- ## User purchase history
-- Four tables joined into one list: who bought what, and when.

SELECT u.username, o.order_id, o.order_date, p.name, oi.quantity, oi.subtotal
FROM ecommerce.users u JOIN ecommerce.orders o ON u.user_id = o.user_id
JOIN ecommerce.order_items oi ON o.order_id = oi.order_id
JOIN ecommerce.products p ON oi.product_id = p.product_id ORDER BY o.order_date DESC;

-- ## Orders of the last month
-- Orders of the last 30 days, summed by day: DATE_TRUNC cuts a moment down to its day.

SELECT DATE_TRUNC('day', order_date) AS day, SUM(total_amount) FROM ecommerce.orders
WHERE order_date > NOW() - INTERVAL '30 days' GROUP BY 1 ORDER BY 1;
