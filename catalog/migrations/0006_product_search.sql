-- What products are found by lies in a table of its own: in an index over `products` each change of stock would enter
-- all of a product's words anew. It is filled after the fact, out of the way of who writes; until then a product waits
-- in the queue, and a search looks at those itself. No foreign keys: whoever searches reads the products as well, so a
-- line without a product is never shown, and an import does not pay for the check.
-- `sku` in small letters for its beginnings and parts, `words` for parts of words, `document` for words in all their forms,
-- `text_hash` of what a vector says in numbers.
CREATE TABLE ecommerce.product_search (
    product_id bigint PRIMARY KEY, sku text COLLATE "C" NOT NULL, words text NOT NULL, document tsvector NOT NULL,
    text_hash text NOT NULL
);
CREATE INDEX product_search_sku ON ecommerce.product_search (sku);
CREATE INDEX product_search_document ON ecommerce.product_search USING gin (document);
-- Of the many that have a word somewhere, those come first that have it in their name: weights are not in an index.
CREATE INDEX product_search_name ON ecommerce.product_search USING gin (ts_filter(document, '{a}'));
-- All words that products have or had: what somebody may have meant who misspelt one. It only grows, slowly.
CREATE TABLE ecommerce.product_search_vocabulary (word text COLLATE "C" PRIMARY KEY);
CREATE TABLE ecommerce.product_search_queue (product_id bigint NOT NULL);
INSERT INTO ecommerce.product_search_queue SELECT product_id FROM ecommerce.products;

CREATE FUNCTION ecommerce.product_search_enqueue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ecommerce, pg_temp AS $$
BEGIN
    -- Else whoever may make a temporary table could have this done in the owner's name.
    IF TG_TABLE_SCHEMA <> 'ecommerce' OR TG_TABLE_NAME <> 'products' THEN
        RAISE EXCEPTION '%.% has no place in the search of products', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE product_search, product_search_queue, product_search_vocabulary;
    ELSIF TG_LEVEL = 'ROW' THEN
        INSERT INTO product_search_queue VALUES (NEW.product_id);
    ELSE
        INSERT INTO product_search_queue SELECT product_id FROM changed;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER search_insert AFTER INSERT ON ecommerce.products
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ecommerce.product_search_enqueue();
CREATE TRIGGER search_delete AFTER DELETE ON ecommerce.products
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ecommerce.product_search_enqueue();
-- For each row, because only such a trigger is not even asked when other columns are written, such as the stock.
CREATE TRIGGER search_update AFTER UPDATE OF product_id, sku, name, description, category, tags ON ecommerce.products FOR EACH ROW
    WHEN ((OLD.product_id, OLD.sku, OLD.name, OLD.description, OLD.category, OLD.tags)
        IS DISTINCT FROM (NEW.product_id, NEW.sku, NEW.name, NEW.description, NEW.category, NEW.tags))
    EXECUTE FUNCTION ecommerce.product_search_enqueue();
CREATE TRIGGER search_truncate AFTER TRUNCATE ON ecommerce.products
    FOR EACH STATEMENT EXECUTE FUNCTION ecommerce.product_search_enqueue();

DO $$
DECLARE
    place text;
BEGIN
    SELECT extnamespace::regnamespace INTO place FROM pg_extension WHERE extname = 'pg_trgm';
    IF place IS NOT NULL THEN
        EXECUTE format('CREATE INDEX product_search_sku_parts ON ecommerce.product_search '
            'USING gin (sku %s.gin_trgm_ops)', place);
        EXECUTE format('CREATE INDEX product_search_words ON ecommerce.product_search '
            'USING gin (words %s.gin_trgm_ops)', place);
        EXECUTE format('CREATE INDEX product_search_vocabulary_parts ON ecommerce.product_search_vocabulary '
            'USING gin (word %s.gin_trgm_ops)', place);
    END IF;
END
$$;
