/** What Snowflake's reference says of a function, as far as statements can be held against it. */
export interface AllowedFunction {
    /** The fewest and the most arguments. */
    readonly args: readonly [least: number, most: number];
    /** Its page under https://docs.snowflake.com/en/sql-reference/functions/ */
    readonly page: string;
    /**
     * With OVER: `frames` takes ROWS and RANGE frames; `ordered` demands ORDER BY and takes no frame; `whole` takes only PARTITION BY here.
     * Without this a function cannot be called with OVER.
     */
    readonly over?: 'frames' | 'ordered' | 'whole';
    /** Is nothing without OVER. */
    readonly onlyOver?: true;
    /** May be called with DISTINCT; not together with ORDER BY in OVER. */
    readonly distinct?: true;
    /** Takes RANGE frames with a number or interval before PRECEDING or FOLLOWING: https://docs.snowflake.com/en/sql-reference/functions-window-syntax#range-between-limitations */
    readonly rangeOffsets?: true;
    /** May be ordered without a frame, for every engine's default frame gives the same. */
    readonly frameless?: true;
    /** Takes IGNORE NULLS, after its parentheses. */
    readonly ignoreNulls?: true;
    readonly withinGroup?: 'demanded' | 'allowed';
    /** What the argument at this place must be; anything where nothing is said. */
    readonly kinds?: readonly ArgumentKind[];
    /** Is a table function: stands only inside TABLE(…) of FROM, with these named arguments. */
    readonly table?: readonly string[];
}
export type ArgumentKind = 'any' | 'integer literal' | 'number literal' | 'text literal' | {
    readonly word: readonly string[];
};
/** Every function that may stand in a statement for Snowflake. Nothing is here that no leaf or compiler prints. */
export declare const functions: Readonly<Record<string, AllowedFunction>>;
