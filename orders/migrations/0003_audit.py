from django.db import migrations

from audit.operations import AuditTable


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_foreign_keys"), ("audit", "0001_audit_log")]
    operations = [AuditTable("orders", key="order_id"), AuditTable("order_items", key="order_item_id")]
