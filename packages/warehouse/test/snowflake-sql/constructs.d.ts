/** What may occur in a statement, by the parser's name for it, each with the page under `sql-reference` that documents it. */
export declare const nodes: Readonly<Record<string, string>>;
/** The parts that may be there, as `what it is part of.name`. A clause that is not listed is refused, whatever node it holds. */
export declare const parts: ReadonlySet<string>;
/** Choices that the parser prints as words: operators, kinds of objects, units of frames. */
export declare const choices: Readonly<Record<string, readonly string[]>>;
/** The types of casts and columns: https://docs.snowflake.com/en/sql-reference/intro-summary-data-types */
export declare function isAllowedType(type: unknown): boolean;
export declare function pageOf(path: string): string;
