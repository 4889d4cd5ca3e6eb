import type { Warehouse } from '@martlet/warehouse';
export interface Recorder {
    /** Runs everything on the DuckDB warehouse given; statements are made of both engines' leaves. */
    readonly warehouse: Warehouse;
    /** What each statement that was run or compiled reads like on Snowflake, once each. */
    readonly texts: ReadonlySet<string>;
}
/** Whether a test set a statement up by itself, in DuckDB's words. */
export type Foreign = (text: string) => boolean;
/** A warehouse that runs on DuckDB and keeps the Snowflake text of every statement that goes through it. */
export declare function recordSnowflake(duckdb: Warehouse, foreign?: Foreign): Recorder;
