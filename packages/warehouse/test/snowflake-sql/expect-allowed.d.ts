/**
 * Fails when a statement does not parse or holds something that is not on the list, and says in which statement.
 * Statements that differ only by the numbers of temporary tables are one.
 */
export declare function expectAllowed(name: string, texts: readonly string[]): void;
