import { DialectAdapterBase } from 'kysely'

export class SnowflakeAdapter extends DialectAdapterBase {
  // Every DDL statement commits the open transaction.
  override get supportsTransactionalDdl(): boolean {
    return false
  }

  override get supportsReturning(): boolean {
    return false
  }

  // Snowflake has no advisory locks: the caller runs the migrations of a schema one at a time.
  override async acquireMigrationLock(): Promise<void> {}

  override async releaseMigrationLock(): Promise<void> {}
}
