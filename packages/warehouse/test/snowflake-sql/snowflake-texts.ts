import type { Sql } from '@martlet/warehouse'
import { createQueryId, type RawNode } from 'kysely'
import { SnowflakeQueryCompiler } from '../../src/snowflake/query-compiler.ts'
import { isDual } from './dual-leaves.ts'

/** The Snowflake driver's own compiler, which takes the Snowflake side of dual leaves. */
class SnowflakeTexts extends SnowflakeQueryCompiler {
  protected override visitRaw(node: RawNode): void {
    if (isDual(node)) this.visitNode(node.snowflake())
    else super.visitRaw(node)
  }
}

/** The text of a statement as Snowflake gets it, with `?` for bound values. */
export function snowflakeText(statement: Sql): string {
  return new SnowflakeTexts().compileQuery(statement.toOperationNode(), createQueryId()).sql.trim()
}
