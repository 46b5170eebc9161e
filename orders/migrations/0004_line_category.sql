-- A line keeps the category that its product had when the line was written; the figures per category are sums of lines.
-- Whoever gives one, as bulk loads do, pays nothing for it: WHEN is asked before the function is called.
CREATE FUNCTION fill_category() RETURNS trigger LANGUAGE plpgsql
SET search_path = ecommerce, pg_temp
AS $$
BEGIN
    -- No such product: the line is refused by its foreign key, which says so better.
    NEW.category := coalesce((SELECT category FROM products WHERE product_id = NEW.product_id), '');
    RETURN NEW;
END
$$;

CREATE TRIGGER fill_category BEFORE INSERT ON order_items
    FOR EACH ROW WHEN (NEW.category = '') EXECUTE FUNCTION fill_category();
-- A form that writes every column gives the old category along with the new product.
CREATE TRIGGER keep_category BEFORE UPDATE OF product_id ON order_items
    FOR EACH ROW WHEN (NEW.product_id IS DISTINCT FROM OLD.product_id AND NEW.category IN ('', OLD.category))
    EXECUTE FUNCTION fill_category();
