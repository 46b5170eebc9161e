-- The original application's design, as it was: one row trigger a table, eleven indexes, nothing of ours.
-- Beside it the same tables without any trigger: what the audit adds is the difference.
CREATE SCHEMA original;
CREATE TABLE original.products (
    product_id serial PRIMARY KEY,
    name varchar(255) NOT NULL,
    description text,
    price decimal(10, 2) NOT NULL CHECK (price >= 0),
    stock_quantity integer DEFAULT 0 CHECK (stock_quantity >= 0),
    category varchar(100),
    tags text[],
    created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX ON original.products (category);
CREATE INDEX ON original.products USING gin (tags);
CREATE TABLE original.products_unaudited (LIKE original.products INCLUDING ALL);
CREATE TABLE original.audit_log (
    audit_id serial PRIMARY KEY,
    table_name varchar(50) NOT NULL,
    operation varchar(10) NOT NULL CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE')),
    record_id integer,
    old_data jsonb,
    new_data jsonb,
    created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    created_by varchar(100) DEFAULT CURRENT_USER
);
CREATE INDEX ON original.audit_log (table_name);
CREATE INDEX ON original.audit_log (operation);
CREATE INDEX ON original.audit_log (created_at DESC);
CREATE INDEX ON original.audit_log USING gin (new_data);

CREATE FUNCTION original.audit_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO original.audit_log (table_name, operation, record_id, new_data)
        VALUES ('products', 'INSERT', NEW.product_id, row_to_json(NEW)::jsonb);
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO original.audit_log (table_name, operation, record_id, old_data, new_data)
        VALUES ('products', 'UPDATE', NEW.product_id, row_to_json(OLD)::jsonb, row_to_json(NEW)::jsonb);
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO original.audit_log (table_name, operation, record_id, old_data)
        VALUES ('products', 'DELETE', OLD.product_id, row_to_json(OLD)::jsonb);
        RETURN OLD;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER trg_audit_products AFTER INSERT OR UPDATE OR DELETE ON original.products
    FOR EACH ROW EXECUTE FUNCTION original.audit_products();

-- Ours without any trigger, and ours with the audit's triggers alone.
CREATE TABLE ecommerce.products_unaudited (LIKE ecommerce.products INCLUDING ALL);
CREATE TABLE ecommerce.products_audited (LIKE ecommerce.products INCLUDING ALL);
