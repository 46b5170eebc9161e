-- The dashboard's figures. Each write appends what it changes, with its sign (the two tables *_deltas), so that writers
-- never wait for each other; whoever reads more than 250 of them folds them into the sums (0008). A figure read is
-- folded and unfolded together, and so always exact. docs/orders.md tells the whole.

CREATE TABLE daily_deltas (
    day date NOT NULL,
    users bigint NOT NULL DEFAULT 0,
    products bigint NOT NULL DEFAULT 0,
    orders bigint NOT NULL DEFAULT 0,
    revenue numeric NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE daily_figures (
    day date PRIMARY KEY,
    users bigint NOT NULL,
    products bigint NOT NULL,
    orders bigint NOT NULL,
    revenue numeric NOT NULL
);

-- `day` is the order's while it can be within the last seven days, and -infinity before: see sales_day().
CREATE TABLE sales_deltas (
    day date NOT NULL,
    product_id bigint NOT NULL,
    category text NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE category_sales (
    category text PRIMARY KEY,
    units bigint NOT NULL,
    revenue numeric NOT NULL
);
CREATE TABLE product_sales (
    product_id bigint PRIMARY KEY,
    units bigint NOT NULL,
    revenue numeric NOT NULL,
    -- Of the seven days that end with figures_week.last_day.
    week_units bigint NOT NULL,
    week_revenue numeric NOT NULL
);
CREATE INDEX product_sales_top ON product_sales (units DESC, revenue DESC, product_id);
CREATE INDEX product_sales_week ON product_sales (week_units DESC, week_revenue DESC, product_id)
    WHERE week_units <> 0 OR week_revenue <> 0;
CREATE INDEX product_sales_nothing ON product_sales (product_id)
    WHERE units = 0 AND revenue = 0 AND week_units = 0 AND week_revenue = 0;
-- The days from that week on: what leaves and enters the week when it moves on.
CREATE TABLE product_days (
    day date,
    product_id bigint,
    units bigint NOT NULL,
    revenue numeric NOT NULL,
    PRIMARY KEY (day, product_id)
);
CREATE TABLE figures_week (last_day date NOT NULL);
INSERT INTO figures_week VALUES ('-infinity');

-- Completed orders that were deleted: when their lines follow them, the order itself cannot be asked any more.
CREATE TABLE deleted_orders (
    order_id bigint PRIMARY KEY,
    order_date timestamptz NOT NULL,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id()
);

CREATE FUNCTION utc_day(moment timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (moment AT TIME ZONE 'UTC')::date
$$;
-- The week only moves on, so a day before it needs no name: a million old lines are then a few deltas.
CREATE FUNCTION sales_day(day date) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN day < utc_day(now()) - 6 THEN '-infinity' ELSE day END
$$;

-- The orders whose lines count, also those that are being deleted. They are asked for by key, by plans that may have been
-- made when the table was small: IS TRUE keeps the index by status, that is all completed orders, out of them.
CREATE VIEW counted_orders AS
    SELECT order_id, utc_day(order_date) AS day FROM orders WHERE (status = 'completed') IS TRUE
    UNION ALL
    SELECT order_id, utc_day(order_date) FROM deleted_orders AS gone
    WHERE NOT EXISTS (SELECT FROM orders WHERE orders.order_id = gone.order_id);

-- The site reads them; only triggers and functions of their owner write. Default privileges may have given more before
-- anyone could run `grant` again.
DO $$
DECLARE
    place regclass;
    grantee regrole;
BEGIN
    FOR place, grantee IN
        SELECT DISTINCT pg_class.oid, given.grantee FROM pg_class, aclexplode(relacl) AS given
        WHERE pg_class.oid = ANY (ARRAY['daily_deltas', 'daily_figures', 'sales_deltas', 'category_sales',
            'product_sales', 'product_days', 'figures_week', 'deleted_orders', 'counted_orders']::regclass[])
        AND given.grantee NOT IN (relowner, 0)
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', place, grantee);
        EXECUTE format('GRANT SELECT ON %s TO %s', place, grantee);
    END LOOP;
END
$$;

-- Anyone may put a trigger function on a temporary table named like a real one, and so forge figures.
CREATE FUNCTION figures_refuse(place text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% cannot be counted', place
        USING ERRCODE = 'insufficient_privilege', HINT = 'Only tables of the schema ecommerce are.';
END
$$;

-- Users and products, by the UTC day of their making.
CREATE FUNCTION figures_count_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
AS $$
DECLARE
    of_users CONSTANT int := (TG_TABLE_NAME = 'users')::int;
    of_products CONSTANT int := 1 - of_users;
BEGIN
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        PERFORM figures_refuse(TG_RELID::regclass::text);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO daily_deltas (day, users, products)
        SELECT utc_day(created_at), count(*) * of_users, count(*) * of_products FROM new_rows GROUP BY 1;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO daily_deltas (day, users, products)
        SELECT utc_day(created_at), -count(*) * of_users, -count(*) * of_products FROM old_rows GROUP BY 1;
    ELSE
        INSERT INTO daily_deltas (day, users, products)
        VALUES (utc_day(OLD.created_at), -of_users, -of_products), (utc_day(NEW.created_at), of_users, of_products);
    END IF;
    RETURN NULL;
END
$$;

-- Orders by their UTC day, and the revenue of the completed ones. A new order has no lines yet.
CREATE FUNCTION figures_count_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        PERFORM figures_refuse(TG_RELID::regclass::text);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO daily_deltas (day, orders, revenue)
        SELECT utc_day(order_date), count(*), coalesce(sum(total_amount) FILTER (WHERE status = 'completed'), 0)
        FROM new_rows GROUP BY 1;
    ELSE
        INSERT INTO daily_deltas (day, orders, revenue)
        SELECT utc_day(order_date), -count(*), -coalesce(sum(total_amount) FILTER (WHERE status = 'completed'), 0)
        FROM old_rows GROUP BY 1;
    END IF;
    RETURN NULL;
END
$$;

-- An order that becomes completed, or leaves that state, or moves to another day takes its lines' sales along. What is
-- the same before and after is left out by EXCEPT, not by a join, whose plan would be kept, made for one row and used
-- for thousands; the lines are found by LATERAL, without sequential scans, for the same reason: always by their index.
CREATE FUNCTION figures_count_changed_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
SET enable_seqscan = off
AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        PERFORM figures_refuse(TG_RELID::regclass::text);
    END IF;
    INSERT INTO daily_deltas (day, orders, revenue)
    SELECT day, sum(sign), sum(sign * revenue)
    FROM (
        SELECT utc_day(order_date), 1, CASE status WHEN 'completed' THEN total_amount ELSE 0 END FROM new_rows
        UNION ALL
        SELECT utc_day(order_date), -1, CASE status WHEN 'completed' THEN total_amount ELSE 0 END FROM old_rows
    ) AS image (day, sign, revenue)
    GROUP BY day HAVING sum(sign) <> 0 OR sum(sign * revenue) <> 0;

    INSERT INTO sales_deltas (day, product_id, category, units, revenue)
    SELECT sales_day(day), product_id, category, sum(sign * quantity), sum(sign * subtotal)
    FROM (
        (SELECT order_id, utc_day(order_date), 1 FROM new_rows WHERE status = 'completed'
            EXCEPT SELECT order_id, utc_day(order_date), 1 FROM old_rows WHERE status = 'completed')
        UNION ALL
        (SELECT order_id, utc_day(order_date), -1 FROM old_rows WHERE status = 'completed'
            EXCEPT SELECT order_id, utc_day(order_date), -1 FROM new_rows WHERE status = 'completed')
    ) AS moved (order_id, day, sign)
    CROSS JOIN LATERAL (
        SELECT product_id, category, quantity, subtotal FROM order_items WHERE order_id = moved.order_id OFFSET 0
    ) AS line
    GROUP BY 1, 2, 3 HAVING sum(sign * quantity) <> 0 OR sum(sign * subtotal) <> 0;
    RETURN NULL;
END
$$;

-- Lines count when their order is completed. Orders that others can see are locked first, in the order of their keys:
-- a line and the completion of its order, written at once, would each not see the other. (At REPEATABLE READ they still
-- may not: the shop writes at READ COMMITTED. Nor is one statement exact that by WITH both changes the state, the day
-- or the key of an order and touches its lines. `manage.py check_figures` finds and repairs such.)
CREATE FUNCTION figures_count_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
    touched bigint[];
    others_see boolean;
    counted boolean;
BEGIN
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        PERFORM figures_refuse(TG_RELID::regclass::text);
    ELSIF TG_OP = 'INSERT' THEN
        touched := ARRAY(SELECT DISTINCT order_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        touched := ARRAY(SELECT DISTINCT order_id FROM old_rows);
    ELSE
        touched := ARRAY(SELECT order_id FROM new_rows UNION SELECT order_id FROM old_rows);
    END IF;
    -- The common case, lines of a new order, is over with one look.
    SELECT bool_or(xmin <> pg_current_xact_id()::xid), bool_or(status = 'completed') INTO others_see, counted
    FROM orders WHERE order_id = ANY (touched);
    IF others_see THEN
        PERFORM 1 FROM orders WHERE order_id = ANY (touched) ORDER BY order_id FOR NO KEY UPDATE;
    ELSIF TG_OP = 'INSERT' AND NOT counted THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM counted_orders WHERE order_id = ANY (touched)) THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO sales_deltas (day, product_id, category, units, revenue)
        SELECT sales_day(day), product_id, category, sum(quantity), sum(subtotal) FROM new_rows AS line
        CROSS JOIN LATERAL (SELECT day FROM counted_orders WHERE order_id = line.order_id OFFSET 0) AS counted
        GROUP BY 1, 2, 3;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO sales_deltas (day, product_id, category, units, revenue)
        SELECT sales_day(day), product_id, category, -sum(quantity), -sum(subtotal) FROM old_rows AS line
        CROSS JOIN LATERAL (SELECT day FROM counted_orders WHERE order_id = line.order_id OFFSET 0) AS counted
        GROUP BY 1, 2, 3;
    END IF;
    RETURN NULL;
END
$$;

-- A key may come back: what is remembered is how the last order with it was deleted. Fold sweeps it.
CREATE FUNCTION figures_remember_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        PERFORM figures_refuse(TG_RELID::regclass::text);
    ELSIF OLD.status = 'completed' THEN
        INSERT INTO deleted_orders (order_id, order_date) VALUES (OLD.order_id, OLD.order_date)
        ON CONFLICT (order_id) DO UPDATE SET order_date = excluded.order_date, txid = excluded.txid;
    ELSE
        DELETE FROM deleted_orders WHERE order_id = OLD.order_id;
    END IF;
    RETURN OLD;
END
$$;

-- TRUNCATE shows no rows to anyone. Nobody else writes the table meanwhile, so its part is taken out whole.
CREATE FUNCTION figures_forget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'ecommerce' THEN
        PERFORM figures_refuse(TG_RELID::regclass::text);
    ELSIF TG_TABLE_NAME = 'order_items' THEN
        PERFORM pg_advisory_xact_lock(figures_lock());
        DELETE FROM sales_deltas;
        DELETE FROM category_sales;
        DELETE FROM product_sales;
        DELETE FROM product_days;
    ELSE
        INSERT INTO daily_deltas (day, users, products, orders, revenue)
        SELECT day,
            CASE TG_TABLE_NAME WHEN 'users' THEN -sum(users) ELSE 0 END,
            CASE TG_TABLE_NAME WHEN 'products' THEN -sum(products) ELSE 0 END,
            CASE TG_TABLE_NAME WHEN 'orders' THEN -sum(orders) ELSE 0 END,
            CASE TG_TABLE_NAME WHEN 'orders' THEN -sum(revenue) ELSE 0 END
        FROM (SELECT * FROM daily_figures UNION ALL SELECT * FROM daily_deltas) AS part GROUP BY day;
    END IF;
    RETURN NULL;
END
$$;

-- "figs" in ASCII.
CREATE FUNCTION figures_lock() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT x'66696773'::bigint $$;

CREATE TRIGGER figures_insert AFTER INSERT ON users REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_made();
CREATE TRIGGER figures_insert AFTER INSERT ON products REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_made();
CREATE TRIGGER figures_insert AFTER INSERT ON orders REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_orders();
CREATE TRIGGER figures_insert AFTER INSERT ON order_items REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_lines();

-- For each row: a statement's trigger would be called by each order's change of stock as well.
CREATE TRIGGER figures_update AFTER UPDATE ON users
    FOR EACH ROW WHEN (OLD.created_at IS DISTINCT FROM NEW.created_at) EXECUTE FUNCTION figures_count_made();
CREATE TRIGGER figures_update AFTER UPDATE ON products
    FOR EACH ROW WHEN (OLD.created_at IS DISTINCT FROM NEW.created_at) EXECUTE FUNCTION figures_count_made();
CREATE TRIGGER figures_update AFTER UPDATE ON orders REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_changed_orders();
CREATE TRIGGER figures_update AFTER UPDATE ON order_items REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_lines();

CREATE TRIGGER figures_delete AFTER DELETE ON users REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_made();
CREATE TRIGGER figures_delete AFTER DELETE ON products REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_made();
CREATE TRIGGER figures_delete AFTER DELETE ON orders REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_orders();
CREATE TRIGGER figures_delete AFTER DELETE ON order_items REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION figures_count_lines();
CREATE TRIGGER figures_remember BEFORE DELETE ON orders
    FOR EACH ROW EXECUTE FUNCTION figures_remember_order();

CREATE TRIGGER figures_truncate AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION figures_forget();
CREATE TRIGGER figures_truncate AFTER TRUNCATE ON products FOR EACH STATEMENT EXECUTE FUNCTION figures_forget();
CREATE TRIGGER figures_truncate AFTER TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION figures_forget();
CREATE TRIGGER figures_truncate AFTER TRUNCATE ON order_items FOR EACH STATEMENT EXECUTE FUNCTION figures_forget();
