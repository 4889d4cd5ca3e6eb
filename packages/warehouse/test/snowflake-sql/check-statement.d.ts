export interface Verdict {
    /** What the parser stumbled over. */
    readonly syntax: string | null;
    /** What it holds that is not allowed, each thing once. */
    readonly refused: readonly string[];
}
/** Holds one statement against the grammar and against the list of what Snowflake documents. */
export declare function checkStatement(text: string): Verdict;
