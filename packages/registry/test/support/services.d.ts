import type { ServicePlan } from '@martlet/feature-store';
import type { ColumnType } from '@martlet/warehouse';
export interface FieldSketch {
    readonly name: string;
    readonly type?: ColumnType;
    readonly nullable?: boolean;
}
/** A service over one view `usage` with these features; vector names are `usage__<name>`. */
export declare function service(fields: readonly FieldSketch[], name?: string): ServicePlan;
