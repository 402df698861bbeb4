"""A migration that makes tables and does nothing else, for which the models are rendered once.

Django renders models anew at every operation: the one that it makes and all that are linked to it.
Nearly all of ours are linked, by the contract and the organisation that they name, so that setting
up rendered thousands of models to make a hundred tables: most of the time that it took.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class NewTables(migrations.Migration):
    """Has only `CreateModel`, each with its constraints and indexes in its options.

    Making a table looks at the models as they are in the end, and at nothing from before.
    """

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,  # noqa: FBT001, FBT002  # Django's own signature
    ) -> ProjectState:
        """Make the tables, with what was rendered before thrown away and not renewed in between."""
        if collect_sql:  # only to be read, with a heading for each operation
            return super().apply(project_state, schema_editor, collect_sql)
        vars(project_state).pop("apps", None)
        project_state = self.mutate_state(project_state, preserve=False)
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
        return project_state
