/** A node of the parser's tree: an object whose keys in upper case name what it is, and in lower case its parts. */
export type Tree = {
    readonly [key: string]: unknown;
};
export declare function isTree(value: unknown): value is Tree;
/** The statements of a text in Snowflake's grammar as the parser knows it, or what it stumbled over. */
export declare function parseSnowflake(text: string): {
    readonly statements: readonly unknown[];
} | {
    readonly error: string;
};
/** Where in the text something stands is not part of what it is. */
export declare function isPlace(key: string): boolean;
/** Whether a part is not there. */
export declare function isEmpty(value: unknown): boolean;
/** What lies under the keys, one after the other, or undefined. */
export declare function at(value: unknown, ...keys: readonly (string | number)[]): unknown;
export declare function listAt(value: unknown, ...keys: readonly (string | number)[]): readonly unknown[];
export declare function textAt(value: unknown, ...keys: readonly (string | number)[]): string | undefined;
