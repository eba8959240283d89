from django.db import migrations


class Migration(migrations.Migration):
    """An opportunity's pipeline and stage kind are those of its stage, always."""

    dependencies = [("opportunities", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE opportunities_opportunity
                    ADD CONSTRAINT opportunity_stage_with_kind
                    FOREIGN KEY (stage_id, pipeline_id, stage_kind)
                    REFERENCES opportunities_stage (id, pipeline_id, kind);
            """,
            reverse_sql="""
                ALTER TABLE opportunities_opportunity DROP CONSTRAINT opportunity_stage_with_kind;
            """,
        ),
    ]
