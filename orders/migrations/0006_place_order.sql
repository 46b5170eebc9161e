ALTER TABLE order_placements ADD CONSTRAINT order_placements_order_id_fkey
    FOREIGN KEY (order_id) REFERENCES orders (order_id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;

-- Default privileges may have given the site's role every right to rows before anyone could run `grant` again.
DO $$
DECLARE
    grantee regrole;
BEGIN
    FOR grantee IN
        SELECT DISTINCT given.grantee FROM pg_class, aclexplode(relacl) AS given
        WHERE pg_class.oid = 'order_placements'::regclass AND given.grantee NOT IN (relowner, 0)
    LOOP
        EXECUTE format('REVOKE ALL ON order_placements FROM %s', grantee);
        EXECUTE format('GRANT SELECT, INSERT ON order_placements TO %s', grantee);
    END LOOP;
END
$$;

CREATE FUNCTION order_lines_told(lines bigint[], verb text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE cardinality(lines)
        WHEN 1 THEN format('line %s %ss', lines[1], verb)
        ELSE format('lines %s and %s %s',
            array_to_string(trim_array(lines, 1), ', '), lines[cardinality(lines)], verb)
    END
$$;

-- What is wrong with the lines of a cart: [{lines, reason, message, product_id, left}], NULL when nothing is. The
-- products must be locked.
CREATE FUNCTION order_line_refusals(product_ids bigint[], quantities bigint[]) RETURNS jsonb LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        WITH given AS (
            SELECT * FROM unnest(product_ids, quantities) WITH ORDINALITY AS given (product_id, quantity, line)
        ), asked AS (
            SELECT product_id, array_agg(line ORDER BY line) AS lines, sum(quantity) AS quantity,
                name, stock_quantity AS stock
            FROM given LEFT JOIN products USING (product_id)
            WHERE product_id IS NOT NULL GROUP BY product_id, name, stock_quantity
        ), refusal (lines, reason, message, product_id, stock) AS (
            SELECT ARRAY[line], 'no_product', format('Line %s names no product.', line), NULL::bigint, NULL::int
            FROM given WHERE product_id IS NULL
            UNION ALL
            SELECT ARRAY[line], 'no_quantity', format('Line %s gives no quantity.', line), product_id, NULL
            FROM given WHERE quantity IS NULL
            UNION ALL
            SELECT ARRAY[line], 'quantity_not_positive',
                format('Line %s asks for %s: give a quantity of 1 or more.', line, quantity), product_id, NULL
            FROM given WHERE quantity <= 0
            UNION ALL
            SELECT lines, 'unknown_product',
                format('There is no product %s, for which %s.', product_id, order_lines_told(lines, 'ask')),
                product_id, NULL
            FROM asked WHERE name IS NULL
            UNION ALL
            SELECT lines, 'too_little_stock',
                format('%s %s %s left; %s for %s.', CASE stock WHEN 0 THEN 'No' ELSE 'Only ' || stock END, name,
                    CASE WHEN stock > 1 THEN 'are' ELSE 'is' END, order_lines_told(lines, 'ask'), quantity),
                product_id, stock
            FROM asked WHERE quantity > stock
        )
        SELECT jsonb_agg(jsonb_build_object('lines', lines, 'reason', reason, 'message', message,
            'product_id', product_id, 'left', stock) ORDER BY lines, reason)
        FROM refusal
    );
END
$$;

CREATE FUNCTION order_refusal(reason text, message text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object(
        'lines', '[]'::jsonb, 'reason', reason, 'message', message, 'product_id', NULL, 'left', NULL)
$$;

-- What is wrong with an order beside its lines, in the same form.
CREATE FUNCTION order_head_refusals(
    customer bigint, product_ids bigint[], quantities bigint[], address jsonb, payment text, key text
) RETURNS jsonb LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
DECLARE
    buyer users;
    found jsonb := '[]';
BEGIN
    SELECT * INTO buyer FROM users WHERE user_id = customer;
    IF buyer.user_id IS NULL THEN
        found := found || order_refusal('unknown_customer',
            CASE WHEN customer IS NULL THEN 'Say which user orders.' ELSE format('There is no user %s.', customer) END);
    ELSIF NOT buyer.is_active THEN
        found := found || order_refusal('inactive_customer',
            format('User %s is not active and cannot order.', buyer.username));
    END IF;
    IF cardinality(coalesce(product_ids, '{}')) + cardinality(coalesce(quantities, '{}')) = 0 THEN
        found := found || order_refusal('no_lines', 'The order is empty: give it at least one line.');
    END IF;
    -- What asks for more than there is, is refused for that.
    IF (SELECT sum(price * quantity) FROM unnest(product_ids, quantities) AS given (product_id, quantity)
        JOIN products USING (product_id) WHERE quantity <= stock_quantity) > 999999999999999999.99 THEN
        found := found || order_refusal('total_too_large',
            'The total is over 999999999999999999.99: order less at once.');
    END IF;
    IF jsonb_typeof(address) IS DISTINCT FROM 'object' THEN
        found := found || order_refusal('address_no_object',
            'The shipping address is no JSON object: write it as {"city": "Berlin"}.');
    END IF;
    IF payment IS NULL OR payment NOT IN ('credit_card', 'paypal', 'bank_transfer') THEN
        found := found || order_refusal('unknown_payment_method', CASE WHEN btrim(coalesce(payment, '')) = ''
            THEN 'Choose a payment method: credit_card, paypal or bank_transfer.'
            ELSE format('There is no payment method %s: choose credit_card, paypal or bank_transfer.', payment) END);
    END IF;
    IF length(key) > 200 THEN
        found := found || order_refusal('key_too_long',
            'The idempotency key is longer than 200 characters: give a shorter one.');
    END IF;
    RETURN nullif(found, '[]');
END
$$;

-- What an order asks for, told by two requests alike when they would place the same one: in whatever order the lines
-- stand, and with a product in one line or in several. A quantity that no order can have is NULL.
CREATE FUNCTION order_fingerprint(product_ids bigint[], quantities bigint[], address jsonb, payment text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = ecommerce, pg_temp
AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        jsonb_agg(jsonb_build_array(product_id, quantity) ORDER BY product_id), address, payment)::text, 'UTF8')), 'hex')
    FROM (
        SELECT product_id, CASE WHEN bool_and(coalesce(quantity > 0, false)) THEN sum(quantity) END AS quantity
        FROM unnest(product_ids, quantities) AS given (product_id, quantity) GROUP BY product_id
    ) AS asked
$$;

-- Takes the goods from stock and records the order, whole; or, when anything is wrong, changes nothing and gives every
-- reason in `refusals`. With an idempotency key, which is the customer's own, asked again, it gives the first order and
-- `again`. One row always:
--     SELECT * FROM place_order(1, '{3,5}', '{2,1}');   -- user 1 buys 2 of product 3 and 1 of product 5
-- Deadlocks with nothing: it waits for the key, then for the user, then for the products in the order of their keys,
-- which is how a cancelled order and an import take them.
CREATE FUNCTION place_order(
    customer bigint, product_ids bigint[], quantities bigint[],
    address jsonb DEFAULT '{}', payment text DEFAULT 'credit_card', idempotency_key text DEFAULT '',
    OUT order_id bigint, OUT user_id bigint, OUT order_date timestamptz, OUT status varchar,
    OUT total_amount numeric, OUT shipping_address jsonb, OUT payment_method varchar, OUT stock_taken boolean,
    OUT again boolean, OUT txid bigint, OUT refusals jsonb
) LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
-- Every plan is by keys: planning them anew for each order is a fifth of its time.
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    key CONSTANT text := coalesce(idempotency_key, '');
    content text;
    earlier order_placements;
    fine boolean;
BEGIN
    again := false;
    -- A longer one is refused below, together with whatever else is wrong.
    IF key <> '' AND length(key) <= 200 THEN
        content := order_fingerprint(product_ids, quantities, address, payment);
        -- "ordr" in ASCII. Who comes second with a key waits until the first is done.
        PERFORM pg_advisory_xact_lock(x'6f726472'::int, hashtext(concat(customer, ' ', key)));
        SELECT * INTO earlier FROM order_placements WHERE user_id = customer AND idempotency_key = key;
        IF FOUND AND earlier.fingerprint <> content THEN
            refusals := jsonb_build_array(order_refusal('key_reused', format(
                'This was sent before with other content, as order %s. Look at that order, or start a new one.',
                earlier.order_id)));
            RETURN;
        ELSIF FOUND THEN
            again := true;
            txid := earlier.txid;
            SELECT o.order_id, o.user_id, o.order_date, o.status, o.total_amount, o.shipping_address, o.payment_method,
                o.stock_taken
            INTO order_id, user_id, order_date, status, total_amount, shipping_address, payment_method, stock_taken
            FROM orders AS o WHERE o.order_id = earlier.order_id;
            RETURN;
        END IF;
    END IF;

    SELECT is_active INTO fine FROM users WHERE user_id = customer FOR SHARE;
    -- One look at what was just locked says whether all is well; only when it is not, the reasons are gathered.
    WITH locked AS MATERIALIZED (
        SELECT product_id, stock_quantity, price FROM products WHERE product_id = ANY (product_ids)
        ORDER BY product_id FOR NO KEY UPDATE
    ), asked AS (
        SELECT product_id, sum(quantity) AS quantity, count(*) = count(*) FILTER (WHERE quantity > 0) AS positive
        FROM unnest(product_ids, quantities) AS given (product_id, quantity) GROUP BY product_id
    )
    SELECT fine AND bool_and(coalesce(positive AND quantity <= stock_quantity, false))
        AND sum(quantity * price) <= 999999999999999999.99
    INTO fine FROM asked LEFT JOIN locked USING (product_id);
    IF (fine AND length(key) <= 200 AND jsonb_typeof(address) = 'object'
        AND payment IN ('credit_card', 'paypal', 'bank_transfer')) IS NOT TRUE
    THEN
        refusals := nullif(coalesce(order_head_refusals(customer, product_ids, quantities, address, payment, key), '[]')
            || coalesce(order_line_refusals(product_ids, quantities), '[]'), '[]');
        RETURN;
    END IF;

    WITH asked AS (
        SELECT product_id, sum(quantity)::int AS quantity, min(line) AS line
        FROM unnest(product_ids, quantities) WITH ORDINALITY AS given (product_id, quantity, line) GROUP BY product_id
    ), taken AS (
        UPDATE products SET stock_quantity = stock_quantity - quantity FROM asked
        WHERE products.product_id = asked.product_id
        RETURNING products.product_id, quantity, line, price, category
    ), made AS (
        INSERT INTO orders (user_id, total_amount, shipping_address, payment_method, stock_taken)
        SELECT customer, sum(quantity * price), address, payment, true FROM taken
        RETURNING *
    ), written AS (
        INSERT INTO order_items (order_id, product_id, quantity, unit_price, category)
        SELECT made.order_id, product_id, quantity, price, category FROM made, taken ORDER BY line
    )
    SELECT made.order_id, made.user_id, made.order_date, made.status, made.total_amount, made.shipping_address,
        made.payment_method, made.stock_taken, pg_current_xact_id()::text::bigint
    INTO order_id, user_id, order_date, status, total_amount, shipping_address, payment_method, stock_taken, txid
    FROM made;
    IF key <> '' THEN
        INSERT INTO order_placements (user_id, idempotency_key, order_id, fingerprint, txid)
        VALUES (customer, key, place_order.order_id, content, place_order.txid);
    END IF;
END
$$;
