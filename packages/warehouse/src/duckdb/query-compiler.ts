import { DefaultQueryCompiler } from 'kysely'

/** DuckDB prints like PostgreSQL: "quoted" identifiers and $1 parameters. */
export class DuckDbQueryCompiler extends DefaultQueryCompiler {
  protected override sanitizeIdentifier(identifier: string): string {
    return identifier.replaceAll('"', '""')
  }
}
