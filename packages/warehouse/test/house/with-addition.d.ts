/** What a contributor writes to add one thing of a kind: a file, and an entry in the list of that kind. */
export interface Addition {
    /** Where the new file goes, under `src`. */
    readonly file: string;
    readonly source: string;
    /** The list of the kind, under `src`: a file with one `export const … = [ … ]`, or with nothing but `export { … } from '…'`. */
    readonly list: string;
    /** The new file's export, which becomes an entry of the list. */
    readonly name: string;
    /** Types of the file that the list names too. */
    readonly types?: readonly string[];
    /** A file `use.ts` that uses the addition, as a user of the package would. */
    readonly use?: string;
    /** Other lines that the kind asks for, by file: each text is replaced by the other. */
    readonly lines?: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>;
}
/** A copy of a package's sources with an addition in it. */
export interface ChangedPackage extends Disposable {
    /** Where the copy is. */
    readonly folder: string;
    /** Imports a module of the copy by its path under `src`. */
    load(file: string): Promise<Record<string, unknown>>;
    /** What the compiler says about the copy; empty when the types are right. */
    typeErrors(): Promise<string>;
}
/** Copies `packages/<name>/src` to a folder next to it, applies an addition there, and removes the copy when disposed of. */
export declare function withAddition(name: string, addition: Addition): ChangedPackage;
