from django.db import migrations, models

# A dispute may be won in part. Rewritten as a column, since facts refuse to be updated.
HOW_MUCH = """
ALTER TABLE payments_observation
  ALTER COLUMN withdrawn TYPE bigint USING CASE WHEN withdrawn THEN amount WHEN NOT withdrawn THEN 0 END;
ALTER TABLE payments_observation RENAME COLUMN withdrawn TO withdrawn_amount;
ALTER TABLE payments_dispute ALTER COLUMN withdrawn TYPE bigint USING CASE WHEN withdrawn THEN amount ELSE 0 END;
ALTER TABLE payments_dispute RENAME COLUMN withdrawn TO withdrawn_amount;
"""

# What a person called not done may show up at the gateway in whatever state.
LATE_REFUNDS = """
ALTER FUNCTION payments_transition_allowed(text, text, text, text) RENAME TO payments_transition_allowed_at_first;
CREATE FUNCTION payments_transition_allowed(kind text, before text, after text, cause text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT payments_transition_allowed_at_first(kind, before, after, cause)
      OR (kind = 'refund' AND before = 'failed' AND after IN ('pending', 'canceled') AND cause = 'observed')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_rules_for_wishes_and_proofs"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(HOW_MUCH, elidable=False)],
            state_operations=[
                migrations.RenameField("observation", "withdrawn", "withdrawn_amount"),
                migrations.AlterField("observation", "withdrawn_amount", models.BigIntegerField(null=True)),
                migrations.RenameField("dispute", "withdrawn", "withdrawn_amount"),
                migrations.AlterField("dispute", "withdrawn_amount", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(LATE_REFUNDS, elidable=False),
    ]
