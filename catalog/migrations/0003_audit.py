from django.db import migrations

from audit.operations import AuditTable


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_updated_at"), ("audit", "0001_audit_log")]
    operations = [AuditTable("users", key="user_id"), AuditTable("products", key="product_id")]
