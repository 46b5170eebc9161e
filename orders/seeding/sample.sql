-- The sample: 5 users, 10 products and 4 orders. What is missing is added; no row that is there is changed.

INSERT INTO users (email, username, full_name, metadata, preferences, created_at, updated_at)
SELECT email, username, full_name, metadata::jsonb, preferences::jsonb, joined, joined
FROM (VALUES
    (now() - interval '90 days', 'john.doe@example.com', 'johndoe', 'John Doe',
        '{"role": "customer", "tier": "gold"}', '{"newsletter": true, "theme": "dark"}'),
    (now() - interval '75 days', 'jane.smith@example.com', 'janesmith', 'Jane Smith',
        '{"role": "customer", "tier": "silver"}', '{"newsletter": false, "theme": "light"}'),
    (now() - interval '60 days', 'admin@example.com', 'admin', 'Admin User',
        '{"role": "admin"}', '{"theme": "dark"}'),
    (now() - interval '30 days', 'bob.wilson@example.com', 'bobwilson', 'Bob Wilson',
        '{"role": "customer", "tier": "bronze"}', '{"newsletter": true, "theme": "light"}'),
    (now() - interval '5 days', 'alice.johnson@example.com', 'alicejohnson', 'Alice Johnson',
        '{"role": "vendor"}', '{"newsletter": true}')
) AS sample (joined, email, username, full_name, metadata, preferences)
WHERE email NOT IN (SELECT email FROM users)
ORDER BY joined;

-- The stock is what is left after the orders below.
INSERT INTO products (sku, name, description, price, stock_quantity, category, tags, created_at, updated_at)
SELECT sku, name, description, price, stock_quantity, category, tags::text[], listed, listed
FROM (VALUES
    (now() - interval '90 days', 'LAPTOP-PRO-2024', 'Laptop Pro 2024', 1999.99, 25, 'Electronics',
        '{laptop,computer,portable}', 'A 14-inch notebook with 32 GB of memory that works through a day of meetings.'),
    (now() - interval '88 days', 'MOUSE-WL', 'Wireless Mouse', 29.99, 150, 'Accessories',
        '{mouse,wireless,ergonomic}', 'A quiet mouse for either hand; one battery lasts a year.'),
    (now() - interval '86 days', 'HUB-USBC-7', 'USB-C Hub', 49.99, 80, 'Accessories',
        '{usb-c,hub,adapter}', 'Seven ports on one cable, and power passes through.'),
    (now() - interval '70 days', 'BOOK-AI-DEV', 'AI Development Book', 59.99, 60, 'Books',
        '{ai,programming,database}', 'From the first embedding to an application that people use, in 480 pages.'),
    (now() - interval '68 days', 'KEYBOARD-MECH', 'Mechanical Keyboard', 129.99, 45, 'Accessories',
        '{keyboard,mechanical,ergonomic}', 'Hot-swappable switches, a wrist rest and no lights unless asked for.'),
    (now() - interval '66 days', 'MONITOR-4K-27', '4K Monitor', 449.99, 18, 'Electronics',
        '{monitor,4k,usb-c}', '27 inches, sharp to the corners, one cable to the notebook.'),
    (now() - interval '40 days', 'WEBCAM-HD', 'Webcam HD', 79.99, 7, 'Electronics',
        '{camera,video,usb-c}', 'A clear picture in dim rooms, and a shutter for the time between calls.'),
    (now() - interval '38 days', 'LAMP-DESK', 'Desk Lamp', 39.99, 34, 'Accessories',
        '{lamp,led,desk}', 'Warm in the evening, cool at noon; folds flat.'),
    (now() - interval '20 days', 'SPEAKER-BT', 'Bluetooth Speaker', 89.99, 4, 'Electronics',
        '{speaker,audio,wireless}', 'Fills a room, survives the rain, plays for twelve hours.'),
    (now() - interval '4 days', 'SSD-EXT-1TB', 'External SSD 1TB', 119.99, 52, 'Electronics',
        '{storage,ssd,portable}', 'A thousand megabytes a second in the size of a matchbox.')
) AS sample (listed, sku, name, price, stock_quantity, category, tags, description)
WHERE sku NOT IN (SELECT sku FROM products)
ORDER BY listed;

-- A user of the sample who has an order already, whichever, gets none.
WITH sample (number, email, placed, status, payment_method, shipping_address) AS (VALUES
    (1, 'john.doe@example.com', interval '9 days', 'completed', 'credit_card',
        '{"street": "123 Main St", "city": "Denver", "state": "CO", "zip": "80202", "country": "US"}'),
    (2, 'jane.smith@example.com', interval '6 days', 'completed', 'paypal',
        '{"street": "456 Oak Ave", "city": "Boulder", "state": "CO", "zip": "80301", "country": "US"}'),
    (3, 'bob.wilson@example.com', interval '2 days', 'shipped', 'bank_transfer',
        '{"street": "789 Pine Rd", "city": "Austin", "state": "TX", "zip": "73301", "country": "US"}'),
    (4, 'john.doe@example.com', interval '3 hours', 'pending', 'credit_card',
        '{"street": "123 Main St", "city": "Denver", "state": "CO", "zip": "80202", "country": "US"}')
), line (number, sku, quantity) AS (VALUES
    (1, 'LAPTOP-PRO-2024', 1), (1, 'HUB-USBC-7', 2),
    (2, 'BOOK-AI-DEV', 1), (2, 'KEYBOARD-MECH', 1),
    (3, 'MONITOR-4K-27', 1), (3, 'WEBCAM-HD', 1),
    (4, 'MOUSE-WL', 2), (4, 'SPEAKER-BT', 1)
), missing AS (
    SELECT sample.*, user_id FROM sample JOIN users USING (email)
    WHERE user_id NOT IN (SELECT user_id FROM orders)
    ORDER BY number
), numbered AS MATERIALIZED (
    SELECT missing.*, nextval(pg_get_serial_sequence('orders', 'order_id')) AS order_id FROM missing
), items AS (
    INSERT INTO order_items (order_id, product_id, quantity, unit_price, category)
    SELECT order_id, product_id, quantity, price, category
    FROM numbered JOIN line USING (number) JOIN products USING (sku)
    ORDER BY number, product_id
    RETURNING order_id, subtotal
)
INSERT INTO orders
    (order_id, user_id, order_date, status, total_amount, shipping_address, payment_method, stock_taken)
SELECT order_id, user_id, now() - placed, status,
    (SELECT sum(subtotal) FROM items WHERE items.order_id = numbered.order_id),
    shipping_address::jsonb, payment_method, true
FROM numbered
ORDER BY order_id;
