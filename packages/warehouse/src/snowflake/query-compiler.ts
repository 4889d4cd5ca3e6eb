import { createQueryId, DefaultQueryCompiler, ValueNode } from 'kysely'
import type { InsertQueryNode, LimitNode, OffsetNode, OnConflictNode, OperationNode, ReturningNode } from 'kysely'
import { MartletError } from '../errors.ts'
import { placeholder } from './parameters.ts'
import type { Sql } from '../sql.ts'

/** Snowflake's text: upper-cased quoted identifiers, `?` for parameters, each cast to the type of its JavaScript value. */
export class SnowflakeQueryCompiler extends DefaultQueryCompiler {
  protected override sanitizeIdentifier(identifier: string): string {
    return identifier.toUpperCase().replaceAll('"', '""')
  }

  // A backslash escapes in Snowflake's literals.
  protected override sanitizeStringLiteral(value: string): string {
    return value.replaceAll('\\', '\\\\').replaceAll("'", "''")
  }

  protected override appendValue(parameter: unknown): void {
    this.addParameter(parameter)
    this.append(placeholder(parameter))
  }

  protected override visitLimit(node: LimitNode): void {
    this.append('limit ')
    this.#appendCount(node.limit)
  }

  protected override visitOffset(node: OffsetNode): void {
    this.append('offset ')
    this.#appendCount(node.offset)
  }

  protected override visitInsertQuery(node: InsertQueryNode): void {
    if (
      node.onConflict !== undefined ||
      node.onDuplicateKey !== undefined ||
      node.replace === true ||
      node.orAction !== undefined
    )
      throw conflictClause()
    super.visitInsertQuery(node)
  }

  protected override visitOnConflict(_node: OnConflictNode): void {
    throw conflictClause()
  }

  protected override visitReturning(_node: ReturningNode): void {
    throw new MartletError('RETURNING_UNSUPPORTED', 'Snowflake has no RETURNING. Read the rows with another statement.')
  }

  // Snowflake takes only constants here.
  #appendCount(node: OperationNode): void {
    const count = ValueNode.is(node) ? node.value : undefined
    if (typeof count === 'bigint' || (typeof count === 'number' && Number.isSafeInteger(count)))
      this.append(String(count))
    else this.visitNode(node)
  }
}

/** The text of a statement without parameters of its own. */
export function compileText(statement: Sql): string {
  return new SnowflakeQueryCompiler().compileQuery(statement.toOperationNode(), createQueryId()).sql
}

function conflictClause(): MartletError {
  return new MartletError(
    'ON_CONFLICT_UNSUPPORTED',
    'Snowflake has no ON CONFLICT, ON DUPLICATE KEY or OR REPLACE in INSERT. Use `upsert`, which prints MERGE.',
  )
}
