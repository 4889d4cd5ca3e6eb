/** What is wrong with a call, by Snowflake's reference. */
export declare function checkFunction(call: unknown, insideTable: boolean): readonly string[];
