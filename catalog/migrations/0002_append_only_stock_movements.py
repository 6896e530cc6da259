from __future__ import annotations

from django.db import migrations

CREATE = """
CREATE FUNCTION catalog_refuse_change_of_stock_movement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock movement % cannot be changed or deleted; record a new one', OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_stockmovement_append_only',
              TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
END
$$;
CREATE TRIGGER catalog_stockmovement_append_only BEFORE UPDATE OR DELETE ON catalog_stockmovement
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_change_of_stock_movement();
"""

DROP = """
DROP TRIGGER catalog_stockmovement_append_only ON catalog_stockmovement;
DROP FUNCTION catalog_refuse_change_of_stock_movement();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
