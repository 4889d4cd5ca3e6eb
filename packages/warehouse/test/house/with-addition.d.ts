/** What a contributor writes to add one thing of a kind: a file, and an entry in the list of its kind. */
export interface Addition {
    /** Where the new file goes, under `src`. */
    readonly file: string;
    readonly source: string;
    /** The list of the kind, under `src`: a file with one `export const … = [ … ]`. */
    readonly list: string;
    /** The file's export, which becomes an entry of the list. */
    readonly name: string;
    /** Other lines that the kind asks for, by file: each text is replaced by the other. */
    readonly lines?: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>;
}
/** A copy of a package's sources with an addition in it. */
export interface ChangedPackage extends Disposable {
    /** Imports a module of the copy, by its path under `src`. */
    load(file: string): Promise<Record<string, unknown>>;
    /** What the compiler says of the copy; empty when the types hold. */
    typeErrors(): Promise<string>;
}
/** Copies `packages/<name>/src` beside it, applies an addition there, and removes the copy when it is disposed. */
export declare function withAddition(name: string, addition: Addition): ChangedPackage;
