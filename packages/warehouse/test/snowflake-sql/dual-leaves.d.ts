import { type Leaves } from '@martlet/warehouse';
import type { OperationNode, RawNode } from 'kysely';
/** A node that DuckDB's compiler reads as it is, and `SnowflakeTexts` as what `snowflake` gives. */
interface DualNode extends RawNode {
    readonly snowflake: () => OperationNode;
}
export declare function isDual(node: RawNode): node is DualNode;
/**
 * The leaves of both engines at once: a statement made of them runs on DuckDB, and the same statement prints for Snowflake.
 * So whatever the library runs on DuckDB, its Snowflake text is at hand.
 */
export declare const dualLeaves: Leaves;
export {};
