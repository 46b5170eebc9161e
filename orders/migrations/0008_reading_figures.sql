-- Folding the deltas into the sums, counting anew, and reading: each figure is one call.

CREATE FUNCTION fold_daily_deltas() RETURNS void LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    WITH gone AS (DELETE FROM daily_deltas RETURNING *)
    INSERT INTO daily_figures AS sums (day, users, products, orders, revenue)
    SELECT day, sum(users), sum(products), sum(orders), sum(revenue) FROM gone GROUP BY day
    ON CONFLICT (day) DO UPDATE SET users = sums.users + excluded.users, products = sums.products + excluded.products,
        orders = sums.orders + excluded.orders, revenue = sums.revenue + excluded.revenue;
    DELETE FROM daily_figures WHERE users = 0 AND products = 0 AND orders = 0 AND revenue = 0;
END
$$;

CREATE FUNCTION fold_sales_deltas() RETURNS void LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
DECLARE
    until CONSTANT date := (SELECT last_day FROM figures_week);
BEGIN
    WITH gone AS (
        DELETE FROM sales_deltas RETURNING *
    ), categories AS (
        INSERT INTO category_sales AS sums (category, units, revenue)
        SELECT category, sum(units), sum(revenue) FROM gone GROUP BY category
        ON CONFLICT (category) DO UPDATE SET units = sums.units + excluded.units,
            revenue = sums.revenue + excluded.revenue
    ), days AS (
        INSERT INTO product_days AS sums (day, product_id, units, revenue)
        SELECT day, product_id, sum(units), sum(revenue) FROM gone WHERE day >= until - 6 GROUP BY day, product_id
        ON CONFLICT (day, product_id) DO UPDATE SET units = sums.units + excluded.units,
            revenue = sums.revenue + excluded.revenue
    )
    INSERT INTO product_sales AS sums (product_id, units, revenue, week_units, week_revenue)
    SELECT product_id, sum(units), sum(revenue),
        coalesce(sum(units) FILTER (WHERE day BETWEEN until - 6 AND until), 0),
        coalesce(sum(revenue) FILTER (WHERE day BETWEEN until - 6 AND until), 0)
    FROM gone GROUP BY product_id
    ON CONFLICT (product_id) DO UPDATE SET units = sums.units + excluded.units,
        revenue = sums.revenue + excluded.revenue,
        week_units = sums.week_units + excluded.week_units, week_revenue = sums.week_revenue + excluded.week_revenue;
    DELETE FROM category_sales WHERE units = 0 AND revenue = 0;
    DELETE FROM product_days WHERE units = 0 AND revenue = 0;
    DELETE FROM product_sales WHERE units = 0 AND revenue = 0 AND week_units = 0 AND week_revenue = 0;
END
$$;

-- Once a UTC day.
CREATE FUNCTION move_figures_week(until date) RETURNS void LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    UPDATE figures_week SET last_day = until WHERE last_day < until;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM product_days WHERE day < until - 6;
    UPDATE product_sales SET week_units = 0, week_revenue = 0 WHERE week_units <> 0 OR week_revenue <> 0;
    UPDATE product_sales SET week_units = week.units, week_revenue = week.revenue
    FROM (SELECT product_id, sum(units) AS units, sum(revenue) AS revenue FROM product_days
        WHERE day <= until GROUP BY product_id) AS week
    WHERE product_sales.product_id = week.product_id;
END
$$;

-- The day with which the seven days end: today, in UTC.
CREATE FUNCTION figures_today() RETURNS date LANGUAGE sql VOLATILE
SET search_path = ecommerce, pg_temp
AS $$
    SELECT greatest(last_day, utc_day(clock_timestamp())) FROM figures_week
$$;

-- Does nothing where it may not write, or when somebody else is at it: figures are read right all the same.
CREATE FUNCTION fold_figures() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_read_only')::boolean
        OR current_setting('transaction_isolation') <> 'read committed'
        OR NOT pg_try_advisory_xact_lock(figures_lock())
    THEN
        RETURN;
    END IF;
    PERFORM move_figures_week(figures_today());
    PERFORM fold_daily_deltas();
    PERFORM fold_sales_deltas();
    -- Those of transactions that are over.
    DELETE FROM deleted_orders WHERE order_id IN (
        SELECT order_id FROM deleted_orders WHERE txid < pg_snapshot_xmin(pg_current_snapshot())
        FOR UPDATE SKIP LOCKED);
END
$$;

-- Beside a thousand deltas the best sold products took over 5 ms to read; the time goes with their number.
CREATE FUNCTION fold_many_deltas() RETURNS void LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM daily_deltas OFFSET 250) OR EXISTS (SELECT FROM sales_deltas OFFSET 250)
        OR (SELECT last_day FROM figures_week) < figures_today()
    THEN
        PERFORM fold_figures();
    END IF;
END
$$;

-- Counts everything anew: for the owner, since nobody else may write the sums.
CREATE FUNCTION recount_figures() RETURNS void LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    LOCK TABLE daily_figures IN ROW EXCLUSIVE MODE;  -- refused to others here, before anyone waits
    PERFORM pg_advisory_xact_lock(figures_lock());
    LOCK TABLE users, products, orders, order_items IN SHARE MODE;
    DELETE FROM daily_deltas;
    DELETE FROM daily_figures;
    DELETE FROM sales_deltas;
    DELETE FROM category_sales;
    DELETE FROM product_sales;
    DELETE FROM product_days;
    INSERT INTO daily_deltas (day, users) SELECT utc_day(created_at), count(*) FROM users GROUP BY 1;
    INSERT INTO daily_deltas (day, products) SELECT utc_day(created_at), count(*) FROM products GROUP BY 1;
    INSERT INTO daily_deltas (day, orders, revenue)
    SELECT utc_day(order_date), count(*), coalesce(sum(total_amount) FILTER (WHERE status = 'completed'), 0)
    FROM orders GROUP BY 1;
    INSERT INTO sales_deltas (day, product_id, category, units, revenue)
    SELECT sales_day(utc_day(order_date)), product_id, category, sum(quantity), sum(subtotal)
    FROM orders JOIN order_items USING (order_id) WHERE status = 'completed' GROUP BY 1, 2, 3;
    PERFORM fold_figures();
END
$$;

-- The cards: how many there are, and how many of them are of the last seven days.
CREATE FUNCTION shop_totals(
    OUT users bigint, OUT products bigint, OUT orders bigint, OUT revenue numeric,
    OUT week_users bigint, OUT week_products bigint, OUT week_orders bigint, OUT week_revenue numeric
) LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    until date;
BEGIN
    PERFORM fold_many_deltas();
    until := figures_today();
    SELECT coalesce(sum(users), 0), coalesce(sum(products), 0), coalesce(sum(orders), 0), coalesce(sum(revenue), 0),
        coalesce(sum(users) FILTER (WHERE day BETWEEN until - 6 AND until), 0),
        coalesce(sum(products) FILTER (WHERE day BETWEEN until - 6 AND until), 0),
        coalesce(sum(orders) FILTER (WHERE day BETWEEN until - 6 AND until), 0),
        coalesce(sum(revenue) FILTER (WHERE day BETWEEN until - 6 AND until), 0)
    INTO users, products, orders, revenue, week_users, week_products, week_orders, week_revenue
    FROM (SELECT * FROM daily_figures UNION ALL SELECT * FROM daily_deltas) AS part;
END
$$;

-- Of so many UTC days to today, oldest first, also of those without any.
CREATE FUNCTION revenue_by_day(days int DEFAULT 30) RETURNS TABLE (day date, revenue numeric) LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    until date;
BEGIN
    PERFORM fold_many_deltas();
    until := figures_today();
    RETURN QUERY
    SELECT day, coalesce(sum(revenue), 0) FROM (
        SELECT day, revenue FROM daily_figures WHERE day BETWEEN until - days + 1 AND until
        UNION ALL SELECT day, revenue FROM daily_deltas WHERE day BETWEEN until - days + 1 AND until
        UNION ALL SELECT until - n, 0 FROM generate_series(0, days - 1) AS n
    ) AS part GROUP BY day ORDER BY day;
END
$$;

CREATE FUNCTION revenue_by_category() RETURNS TABLE (category text, units bigint, revenue numeric) LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM fold_many_deltas();
    RETURN QUERY
    SELECT category, sum(units)::bigint, sum(revenue) FROM (
        SELECT category, units, revenue FROM category_sales
        UNION ALL SELECT category, units, revenue FROM sales_deltas
    ) AS part GROUP BY category HAVING sum(units) <> 0 OR sum(revenue) <> 0
    ORDER BY sum(revenue) DESC, category;
END
$$;

-- By units sold, then revenue. Every product with deltas is a candidate, and the best of the others, which its index
-- gives in order: NOT IN is a filter, where a join would sort them all, and ANY (ARRAY) looks up by key, where a join
-- might read them all.
CREATE FUNCTION top_products(most int DEFAULT 10)
RETURNS TABLE (product_id bigint, sku varchar, name varchar, category varchar, units bigint, revenue numeric)
LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM fold_many_deltas();
    RETURN QUERY
    WITH unfolded AS MATERIALIZED (
        SELECT product_id, sum(units)::bigint AS units, sum(revenue) AS revenue FROM sales_deltas GROUP BY product_id
    ), folded AS MATERIALIZED (
        SELECT * FROM product_sales WHERE product_id = ANY (ARRAY(SELECT product_id FROM unfolded))
    ), candidate AS (
        SELECT product_id, unfolded.units + coalesce(sums.units, 0) AS units,
            unfolded.revenue + coalesce(sums.revenue, 0) AS revenue
        FROM unfolded LEFT JOIN folded AS sums USING (product_id)
        UNION ALL
        (SELECT product_id, units, revenue FROM product_sales
            WHERE product_id NOT IN (SELECT product_id FROM unfolded)
            ORDER BY units DESC, revenue DESC, product_id LIMIT most)
    ), best AS (
        SELECT * FROM candidate WHERE units <> 0 OR revenue <> 0
        ORDER BY units DESC, revenue DESC, product_id LIMIT most
    )
    SELECT product_id, sku, name, category, units, revenue FROM best JOIN products USING (product_id)
    ORDER BY units DESC, revenue DESC, product_id;
END
$$;

-- The same of the last seven days. While the week could not be moved on, in a transaction that only reads, the days
-- themselves are summed.
CREATE FUNCTION top_products_this_week(most int DEFAULT 10)
RETURNS TABLE (product_id bigint, sku varchar, name varchar, category varchar, units bigint, revenue numeric)
LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    until date;
BEGIN
    PERFORM fold_many_deltas();
    until := figures_today();
    RETURN QUERY
    WITH unfolded AS MATERIALIZED (
        SELECT product_id, sum(units)::bigint AS units, sum(revenue) AS revenue FROM sales_deltas
        WHERE day BETWEEN until - 6 AND until GROUP BY product_id
    ), week AS MATERIALIZED (
        SELECT last_day = until AS is_current FROM figures_week
    ), folded AS MATERIALIZED (
        SELECT * FROM product_sales WHERE product_id = ANY (ARRAY(SELECT product_id FROM unfolded))
    ), late AS (
        SELECT product_id, sum(units) AS units, sum(revenue) AS revenue FROM (
            SELECT product_id, units, revenue FROM product_days WHERE day BETWEEN until - 6 AND until
            UNION ALL SELECT product_id, units, revenue FROM unfolded
        ) AS part WHERE NOT (SELECT is_current FROM week) GROUP BY product_id
    ), candidate AS (
        SELECT product_id, unfolded.units + coalesce(sums.week_units, 0) AS units,
            unfolded.revenue + coalesce(sums.week_revenue, 0) AS revenue
        FROM unfolded LEFT JOIN folded AS sums USING (product_id)
        WHERE (SELECT is_current FROM week)
        UNION ALL
        (SELECT product_id, week_units, week_revenue FROM product_sales
            WHERE (week_units <> 0 OR week_revenue <> 0) AND (SELECT is_current FROM week)
                AND product_id NOT IN (SELECT product_id FROM unfolded)
            ORDER BY week_units DESC, week_revenue DESC, product_id LIMIT most)
        UNION ALL
        SELECT product_id, units::bigint, revenue FROM late
    ), best AS (
        SELECT * FROM candidate WHERE units <> 0 OR revenue <> 0
        ORDER BY units DESC, revenue DESC, product_id LIMIT most
    )
    SELECT product_id, sku, name, category, units, revenue FROM best JOIN products USING (product_id)
    ORDER BY units DESC, revenue DESC, product_id;
END
$$;

-- What is kept, and what a count of all rows gives: the same, or something is wrong. Of the week only when it is
-- today's, since days before it are not told apart in the deltas.
CREATE FUNCTION figures_kept(today date) RETURNS TABLE (figure text, of text, amount numeric) LANGUAGE sql STABLE
SET search_path = ecommerce, pg_temp
AS $$
    SELECT daily.figure, day::text, sum(daily.amount)
    FROM (SELECT * FROM daily_figures UNION ALL SELECT * FROM daily_deltas) AS part
    CROSS JOIN LATERAL (VALUES ('users', users), ('products', products), ('orders', orders), ('revenue', revenue))
        AS daily (figure, amount)
    GROUP BY 1, 2
    UNION ALL
    SELECT sales.figure, part.category, sum(sales.amount)
    FROM (SELECT * FROM category_sales UNION ALL SELECT category, units, revenue FROM sales_deltas) AS part
    CROSS JOIN LATERAL (VALUES ('units of category', units), ('revenue of category', revenue)) AS sales (figure, amount)
    GROUP BY 1, 2
    UNION ALL
    SELECT sales.figure, product_id::text, sum(sales.amount)
    FROM (
        SELECT product_id, units, revenue FROM product_sales
        UNION ALL SELECT product_id, units, revenue FROM sales_deltas
    ) AS part
    CROSS JOIN LATERAL (VALUES ('units of product', units), ('revenue of product', revenue)) AS sales (figure, amount)
    GROUP BY 1, 2
    UNION ALL
    SELECT sales.figure, product_id::text, sum(sales.amount)
    FROM (
        SELECT product_id, week_units, week_revenue FROM product_sales
        UNION ALL SELECT product_id, units, revenue FROM sales_deltas WHERE day BETWEEN today - 6 AND today
    ) AS part (product_id, units, revenue)
    CROSS JOIN LATERAL (VALUES ('units of product this week', units), ('revenue of product this week', revenue))
        AS sales (figure, amount)
    WHERE today = (SELECT last_day FROM figures_week) GROUP BY 1, 2
    UNION ALL
    SELECT 'units of product on ' || day, product_id::text, sum(units)
    FROM (SELECT * FROM product_days UNION ALL SELECT day, product_id, units, revenue FROM sales_deltas) AS part
    WHERE day >= today - 6 GROUP BY 1, 2
$$;

CREATE FUNCTION figures_counted(today date) RETURNS TABLE (figure text, of text, amount numeric) LANGUAGE sql STABLE
SET search_path = ecommerce, pg_temp
AS $$
    WITH sale AS (
        SELECT utc_day(order_date) AS day, product_id, category, quantity, subtotal
        FROM orders JOIN order_items USING (order_id) WHERE status = 'completed'
    ), week AS (
        SELECT * FROM sale WHERE day BETWEEN today - 6 AND today AND today = (SELECT last_day FROM figures_week)
    )
    SELECT 'users', utc_day(created_at)::text, count(*) FROM users GROUP BY 2
    UNION ALL SELECT 'products', utc_day(created_at)::text, count(*) FROM products GROUP BY 2
    UNION ALL SELECT 'orders', utc_day(order_date)::text, count(*) FROM orders GROUP BY 2
    UNION ALL SELECT 'revenue', utc_day(order_date)::text, sum(total_amount) FROM orders
        WHERE status = 'completed' GROUP BY 2
    UNION ALL SELECT 'units of category', category, sum(quantity) FROM sale GROUP BY 2
    UNION ALL SELECT 'revenue of category', category, sum(subtotal) FROM sale GROUP BY 2
    UNION ALL SELECT 'units of product', product_id::text, sum(quantity) FROM sale GROUP BY 2
    UNION ALL SELECT 'revenue of product', product_id::text, sum(subtotal) FROM sale GROUP BY 2
    UNION ALL SELECT 'units of product this week', product_id::text, sum(quantity) FROM week GROUP BY 2
    UNION ALL SELECT 'revenue of product this week', product_id::text, sum(subtotal) FROM week GROUP BY 2
    UNION ALL SELECT 'units of product on ' || day, product_id::text, sum(quantity) FROM sale
        WHERE day >= today - 6 GROUP BY 1, 2
$$;

-- Also the orders whose total is not the sum of their lines: `kept` is the total then.
CREATE FUNCTION figures_differences() RETURNS TABLE (figure text, of text, kept numeric, counted numeric)
LANGUAGE sql STABLE
SET search_path = ecommerce, pg_temp
AS $$
    SELECT figure, of, coalesce(kept.amount, 0), coalesce(counted.amount, 0)
    FROM figures_today() AS today, figures_kept(today) AS kept
        FULL JOIN figures_counted(today) AS counted USING (figure, of)
    WHERE coalesce(kept.amount, 0) <> coalesce(counted.amount, 0)
    UNION ALL
    SELECT 'total of order', order_id::text, total_amount, coalesce(sum(subtotal), 0)
    FROM orders LEFT JOIN order_items USING (order_id)
    GROUP BY order_id, total_amount HAVING total_amount <> coalesce(sum(subtotal), 0)
    ORDER BY 1, 2
$$;

DO $$ BEGIN PERFORM recount_figures(); END $$;
