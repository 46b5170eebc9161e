-- Who bought something stays, and so does what was bought; an order takes its items with it.
-- Checked by each statement, so that a wrong reference is refused where it is written; fixtures may defer it. Not so an
-- item's order: the dashboard's figures rely on no item being there before its order.
ALTER TABLE orders
    ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id)
        ON DELETE RESTRICT DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE order_items
    ADD CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (order_id)
        ON DELETE CASCADE,
    ADD CONSTRAINT order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (product_id)
        ON DELETE RESTRICT DEFERRABLE INITIALLY IMMEDIATE;
