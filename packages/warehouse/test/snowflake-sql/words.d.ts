/** Words that cannot be names without quotes: https://docs.snowflake.com/en/sql-reference/reserved-keywords */
export declare const reserved: ReadonlySet<string>;
/**
 * Words that begin a clause after a table on some engine. A lenient parser takes them for the table's alias (`a SEMI JOIN b` is a table
 * `a` called SEMI), so they are no aliases here, whether Snowflake has the clause or not.
 */
export declare const clauseWords: ReadonlySet<string>;
