-- The life cycle of an order, for whoever writes: plain SQL, the admin, the shop. orders/models.py (Status.following)
-- says the same, and a test holds the two together. NULL: there is no such status.
CREATE FUNCTION order_status_following(status text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE status
        WHEN 'pending' THEN '{paid,cancelled}'::text[]
        WHEN 'paid' THEN '{shipped,cancelled}'
        WHEN 'shipped' THEN '{completed}'
        WHEN 'completed' THEN '{}'
        WHEN 'cancelled' THEN '{}'
    END
$$;

-- Why an order may not change its status so; NULL when it may.
CREATE FUNCTION order_move_refused(order_id bigint, status text, wanted text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = ecommerce, pg_temp
AS $$
    SELECT CASE
        WHEN wanted = ANY (order_status_following(status)) THEN NULL
        WHEN order_status_following(status) = '{}' THEN format('Order %s is %s, and stays so.', order_id, status)
        ELSE format('Order %s is %s: it can become %s, not %s.', order_id, status,
            array_to_string(order_status_following(status), ' or '), coalesce(wanted, 'nothing'))
    END
$$;

CREATE FUNCTION keep_order_life_cycle() RETURNS trigger LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
DECLARE
    -- What is no status at all is refused by the table's own constraint.
    refusal text := CASE WHEN order_status_following(NEW.status) IS NOT NULL
        THEN order_move_refused(OLD.order_id, OLD.status, NEW.status) END;
BEGIN
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = refusal,
            SCHEMA = 'ecommerce', TABLE = 'orders', CONSTRAINT = 'orders_life_cycle',
            HINT = 'Orders go from pending to paid, shipped, completed; until they are shipped they can be cancelled.';
    END IF;
    -- Given back by the trigger below, which still sees the row as it was; and never again.
    NEW.stock_taken := NEW.stock_taken AND NEW.status <> 'cancelled';
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_life_cycle BEFORE UPDATE ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION keep_order_life_cycle();

-- Why the goods of these orders cannot go back to stock, NULL when they can: a stock is an integer. Products are locked in
-- the order of their keys, as place_order() does: the two never wait for each other in a ring.
CREATE FUNCTION order_goods_refused(cancelled bigint[]) RETURNS text LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    PERFORM 1 FROM products
    WHERE product_id IN (SELECT product_id FROM order_items WHERE order_id = ANY (cancelled))
    ORDER BY product_id FOR NO KEY UPDATE;
    RETURN (
        SELECT string_agg(format('The stock of %s (product %s) is %s, and with the %s given back it would be over '
            '2147483647, the most there can be: lower it first.', name, product_id, stock_quantity, quantity), ' '
            ORDER BY product_id)
        FROM (
            SELECT product_id, name, stock_quantity, sum(quantity) AS quantity
            FROM order_items JOIN products USING (product_id) WHERE order_id = ANY (cancelled)
            GROUP BY product_id, name, stock_quantity HAVING stock_quantity + sum(quantity) > 2147483647
            ORDER BY product_id LIMIT 10
        ) AS too_many
    );
END
$$;

CREATE FUNCTION give_stock_back() RETURNS trigger LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
DECLARE
    -- Not a join: its plan would be kept, made for one row and used for thousands.
    cancelled bigint[] := ARRAY(
        SELECT order_id FROM old_rows WHERE stock_taken AND status <> 'cancelled'
        INTERSECT SELECT order_id FROM new_rows WHERE status = 'cancelled');
    refusal text;
BEGIN
    IF cardinality(cancelled) > 0 THEN
        refusal := order_goods_refused(cancelled);
        IF refusal IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = refusal,
                SCHEMA = 'ecommerce', TABLE = 'products', CONSTRAINT = 'products_stock_has_room';
        END IF;
        UPDATE products SET stock_quantity = stock_quantity + taken.quantity
        FROM (SELECT product_id, sum(quantity) AS quantity FROM order_items WHERE order_id = ANY (cancelled)
            GROUP BY product_id) AS taken
        WHERE products.product_id = taken.product_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER give_stock_back AFTER UPDATE ON orders REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION give_stock_back();

-- UPDATE orders SET status does the same; this one answers with a sentence where that raises an error, which would
-- cost the transaction around it.
CREATE FUNCTION move_order(asked_order bigint, wanted text) RETURNS TABLE (moved orders, refusal text) LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    SELECT * INTO moved FROM orders WHERE order_id = asked_order FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        refusal := format('There is no order %s.', asked_order);
    ELSE
        refusal := order_move_refused(asked_order, moved.status, wanted);
        IF refusal IS NULL AND wanted = 'cancelled' AND moved.stock_taken THEN
            refusal := order_goods_refused(ARRAY[asked_order]);
        END IF;
    END IF;
    IF refusal IS NULL THEN
        UPDATE orders SET status = wanted WHERE order_id = asked_order RETURNING * INTO moved;
    END IF;
    RETURN NEXT;
END
$$;

CREATE FUNCTION cancel_order(asked_order bigint) RETURNS TABLE (moved orders, refusal text) LANGUAGE sql
SET search_path = ecommerce, pg_temp
AS $$ SELECT * FROM move_order(asked_order, 'cancelled') $$;
