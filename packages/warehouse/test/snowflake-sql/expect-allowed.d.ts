export declare function expectAllowed(name: string, texts: readonly string[]): void;
