import type { Sql } from '@martlet/warehouse';
/** The text of a statement as Snowflake gets it, with `?` for bound values. */
export declare function snowflakeText(statement: Sql): string;
