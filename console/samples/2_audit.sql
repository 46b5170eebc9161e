-- # The audit trail

-- ## Audit log
-- The last ten entries. PostgreSQL's own triggers wrote them; nobody can change or delete one.

-- Check audit log
SELECT * FROM ecommerce.audit_log
ORDER BY created_at DESC
LIMIT 10;

-- ## Audit log summary
-- How often each table was written to in each way, and when last.

SELECT table_name, operation, COUNT(*) AS count, MAX(created_at) AS last_change
FROM ecommerce.audit_log GROUP BY table_name, operation ORDER BY table_name, operation;

-- ## Recent inserts
-- The last ten rows that were added, and the database role that added them.

SELECT table_name, record_id, new_data->>'name' AS name, created_at, created_by
FROM ecommerce.audit_log WHERE operation = 'INSERT' ORDER BY created_at DESC LIMIT 10;

-- ## Verify inserts
-- Add a product on its page, then run this: the row is there, as the database saw it.

SELECT
    table_name,
    operation,
    record_id,
    new_data->>'name' as item_name,
    created_at
FROM ecommerce.audit_log
WHERE operation = 'INSERT'
ORDER BY created_at DESC
LIMIT 20;

-- ## Who changed what
-- The person whom the site named, beside the role that was logged in. One transaction is one txid.

SELECT actor, created_by, table_name, operation, count(*) AS rows, count(DISTINCT txid) AS transactions
FROM ecommerce.audit_log
GROUP BY actor, created_by, table_name, operation
ORDER BY rows DESC;

-- ## What an update changed
-- Both images of a row, taken apart into keys: only those that differ are left.

SELECT log.record_id, changed.key, log.old_data -> changed.key AS before, changed.value AS after, log.created_at
FROM ecommerce.audit_log AS log, jsonb_each(log.new_data) AS changed
WHERE log.operation = 'UPDATE' AND log.old_data -> changed.key IS DISTINCT FROM changed.value
ORDER BY log.audit_id DESC
LIMIT 50;
