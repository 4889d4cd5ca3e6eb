import { isEmpty, isTree, listAt, textAt } from './syntax-tree.ts'

const reference = 'https://docs.snowflake.com/en/sql-reference'

/** What may occur in a statement, by the parser's name for it, each with the page under `sql-reference` that documents it. */
export const nodes: Readonly<Record<string, string>> = {
  // statements
  AlterTable: 'sql/alter-table',
  CreateSchema: 'sql/create-schema',
  CreateTable: 'sql/create-table',
  CreateView: 'sql/create-view',
  Delete: 'sql/delete',
  Drop: 'sql/drop-table',
  Insert: 'sql/insert',
  Merge: 'sql/merge',
  Query: 'sql/select',
  AddColumn: 'sql/alter-table',
  DropColumn: 'sql/alter-table',
  Use: 'sql/use-schema',
  Schema: 'sql/use-schema',
  RenameColumn: 'sql/alter-table',
  StartTransaction: 'sql/begin',
  Commit: 'sql/commit',
  PrimaryKey: 'sql/create-table-constraint',
  Column: 'sql/create-table-constraint',
  Update: 'sql/update',
  Simple: 'sql/create-schema',
  WithFromKeyword: 'sql/delete',
  TableName: 'sql/insert',
  ColumnName: 'sql/merge',
  ObjectName: 'sql/create-table',
  // files; their columns: user-guide/querying-semistructured
  CopyIntoSnowflake: 'sql/copy-into-table',
  Remove: 'sql/remove',
  SelectItem: '../user-guide/data-load-transform',
  JsonAccess: '../user-guide/data-load-transform',
  Dot: '../user-guide/data-load-transform',
  Single: 'sql/copy-into-table',
  // queries; WITH: constructs/with, ORDER BY of a subquery: constructs/order-by
  Select: 'sql/select',
  Subquery: 'operators-subquery',
  SetOperation: 'operators-query',
  Values: 'constructs/values',
  LimitOffset: 'constructs/limit',
  Expressions: 'constructs/group-by',
  UnnamedExpr: 'sql/select',
  ExprWithAlias: 'sql/select',
  Wildcard: 'sql/select',
  QualifiedWildcard: 'sql/select',
  // FROM
  Table: 'constructs/from',
  Derived: 'constructs/from',
  TableFunction: 'functions-table',
  Join: 'constructs/join',
  Left: 'constructs/join',
  Inner: 'constructs/join',
  FullOuter: 'constructs/join',
  CrossJoin: 'constructs/join',
  Parentheses: 'sql/create-table',
  On: 'constructs/join',
  AsOf: 'constructs/asof-join',
  // expressions
  BinaryOp: 'operators',
  UnaryOp: 'operators',
  Nested: 'operators',
  Identifier: 'identifiers',
  CompoundIdentifier: 'identifiers',
  Value: 'data-types',
  Number: 'data-types-numeric',
  SingleQuotedString: 'data-types-text',
  Boolean: 'data-types-logical',
  Placeholder: '../developer-guide/sql-api/submitting-requests',
  Case: 'functions/case',
  Cast: 'functions/cast',
  IsNull: 'functions/is-null',
  IsNotNull: 'functions/is-null',
  IsDistinctFrom: 'functions/is-distinct-from',
  IsNotDistinctFrom: 'functions/is-distinct-from',
  InList: 'functions/in',
  Like: 'functions/like',
  InSubquery: 'functions/in',
  Exists: 'operators-subquery',
  Ceil: 'functions/ceil',
  Floor: 'functions/floor',
  DateTimeField: 'functions/floor',
  Substring: 'functions/substr',
  // functions
  Function: 'functions-reference',
  List: 'functions-reference',
  Unnamed: 'functions-reference',
  Expr: 'functions-reference',
  Named: 'functions/flatten',
  WindowSpec: 'functions-window-syntax',
  Preceding: 'functions-window-syntax',
  Following: 'functions-window-syntax',
  // what sql/snowflake deploys
  CreateDatabase: 'sql/create-database',
  CreateRole: 'sql/create-role',
  Grant: 'sql/grant-privilege',
  Actions: 'sql/grant-privilege',
  Role: 'sql/grant-role',
  Databases: 'sql/grant-privilege',
  Schemas: 'sql/grant-privilege',
  Tables: 'sql/grant-privilege',
  Views: 'sql/grant-privilege',
  Warehouses: 'sql/grant-privilege',
  ComputePools: 'sql/grant-privilege',
  Monitor: 'user-guide/security-access-control-privileges',
  AllTablesInSchema: 'sql/grant-privilege',
  AllViewsInSchema: 'sql/grant-privilege',
  FutureTablesInSchema: 'sql/grant-privilege',
  FutureViewsInSchema: 'sql/grant-privilege',
  // types; `types` below says with which digits
  Custom: 'data-types-numeric',
  Double: 'data-types-numeric',
  Varchar: 'data-types-text',
  TimestampNtz: 'data-types-datetime',
}

/** The parts that may be there, as `what it is part of.name`. A clause that is not listed is refused, whatever node it holds. */
export const parts: ReadonlySet<string> = new Set(
  `
  AddColumn.column_def AddColumn.column_keyword AlterTable.name AlterTable.operations AsOf.constraint
    AsOf.match_condition BinaryOp.left BinaryOp.op BinaryOp.right
  Case.conditions Case.else_result Cast.data_type Cast.expr Cast.kind CompoundIdentifier.quote_style
    CompoundIdentifier.value CreateSchema.if_not_exists
  CreateSchema.schema_name CreateTable.cluster_by CreateTable.columns CreateTable.copy_grants
    CreateTable.hive_distribution CreateTable.if_not_exists CreateTable.name CreateTable.or_replace
  CopyIntoSnowflake.copy_options CopyIntoSnowflake.file_format CopyIntoSnowflake.from_obj CopyIntoSnowflake.from_query
    CopyIntoSnowflake.from_transformations CopyIntoSnowflake.into
  CopyIntoSnowflake.into_columns CopyIntoSnowflake.kind CopyIntoSnowflake.stage_params Dot.key JsonAccess.path
    JsonAccess.value Remove.stage Single.value copy_options.delimiter
  copy_options.options credentials.delimiter encryption.delimiter file_format.delimiter file_format.options
    from_query.body into_columns.quote_style into_columns.value
  options.option_name options.option_value path.path stage_params.credentials stage_params.encryption
  CreateTable.constraints PrimaryKey.columns PrimaryKey.name StartTransaction.begin column.expr column.options columns.column
  CreateTable.query CreateTable.temporary CreateView.copy_grants CreateView.name CreateView.or_replace
    CreateView.query Delete.from Delete.selection Derived.alias Derived.lateral
  Derived.subquery Drop.cascade Drop.if_exists Drop.names Drop.object_type DropColumn.column_names
    DropColumn.has_column_keyword ExprWithAlias.alias ExprWithAlias.expr
  Expressions.expr Expressions.options Ceil.expr Ceil.field Floor.expr Floor.field Function.args Function.name Function.null_treatment
    Function.over Function.within_group
  Identifier.quote_style Identifier.value InList.expr InList.list InList.negated InSubquery.expr  InSubquery.subquery
  Like.expr Like.pattern
    Exists.negated Exists.subquery Insert.columns Insert.into
  Insert.source Insert.table LimitOffset.limit List.args List.duplicate_treatment Merge.clauses Merge.into Merge.on
    Merge.source Merge.table Named.arg Named.name
  Named.operator Query.body Query.limit_clause Query.order_by Query.with RenameColumn.new_column_name
    RenameColumn.old_column_name Select.distinct Select.flavor Select.from
  Select.group_by Select.having Select.projection Select.selection SetOperation.left SetOperation.op
    SetOperation.right SetOperation.set_quantifier Subquery.body
  Substring.expr Substring.shorthand Substring.special Substring.substring_for Substring.substring_from Table.alias
    Table.name TableFunction.expr  UnaryOp.expr
  UnaryOp.op Update.assignments Update.selection Update.table Value.value Values.rows WindowSpec.order_by
    WindowSpec.partition_by WindowSpec.window_frame WithFromKeyword.relation
    alias.columns alias.explicit alias.name alias.quote_style alias.value assignments.target assignments.value clauses.action
  clauses.clause_kind clauses.predicate column_def.data_type column_def.name  columns.data_type columns.name columns.options
    conditions.condition conditions.result cte_tables.alias cte_tables.query
  Insert.kind from.joins from.relation joins.join_operator joins.relation name.quote_style name.value
    new_column_name.quote_style new_column_name.value
  CreateDatabase.db_name CreateDatabase.if_not_exists CreateRole.if_not_exists CreateRole.names CreateView.copy_grants
    CreateView.secure Grant.grantees Grant.objects Grant.privileges Role.role
  AllTablesInSchema.schemas AllViewsInSchema.schemas FutureTablesInSchema.schemas FutureViewsInSchema.schemas
    grantees.grantee_type grantees.name
  query.with old_column_name.quote_style old_column_name.value column_names.quote_style column_names.value options.asc
    options.nulls_first options.option order_by.expr
  order_by.kind order_by.options   query.body query.limit_clause query.order_by rows.content source.body
    source.order_by subquery.body subquery.order_by subquery.with table.relation
  window_frame.end_bound window_frame.start_bound window_frame.units with.cte_tables within_group.expr within_group.options`
    .trim()
    .split(/\s+/),
)

/** Choices that the parser prints as words: operators, kinds of objects, units of frames. */
export const choices: Readonly<Record<string, readonly string[]>> = {
  op: [
    'And',
    'Or',
    'Not',
    'Eq',
    'NotEq',
    'Gt',
    'GtEq',
    'Lt',
    'LtEq',
    'Plus',
    'Minus',
    'Multiply',
    'Divide',
    'Modulo',
    'StringConcat',
    'Union',
  ],
  clause_kind: ['Matched', 'NotMatched'],
  distinct: ['Distinct'],
  duplicate_treatment: ['Distinct'],
  end_bound: ['CurrentRow'],
  flavor: ['Standard'],
  grantee_type: ['Role'],
  hive_distribution: ['NONE'],
  // COPY INTO: sql/copy-into-table, sql/copy-into-location
  kind: ['Cast', 'Table', 'Location'],
  option_name: ['TYPE', 'ON_ERROR', 'HEADER', 'MAX_FILE_SIZE'],
  null_treatment: ['IgnoreNulls'],
  object_type: ['Table', 'View', 'Schema'],
  operator: ['RightArrow'],
  option: ['NotNull'],
  set_quantifier: ['All'],
  start_bound: ['CurrentRow'],
  units: ['Rows', 'Range'],
  DateTimeField: ['NoDateTime'],
  Unnamed: ['Wildcard'],
}

/** The types of casts and columns: https://docs.snowflake.com/en/sql-reference/intro-summary-data-types */
export function isAllowedType(type: unknown): boolean {
  if (typeof type === 'string') return ['Boolean', 'Date', 'Text', 'DoublePrecision'].includes(type)
  const [kind, digits] = isTree(type) ? (Object.entries(type)[0] ?? []) : []
  if (kind === 'Varchar' || kind === 'Double' || kind === 'BigInt' || kind === 'Integer') return isEmpty(digits)
  if (kind === 'TimestampNtz') return typeof digits === 'number' && digits <= 9
  // Snowflake takes DECIMAL for NUMBER; users' own queries may say so, and DuckDB has no NUMBER.
  if (kind === 'Decimal') return isDigits(listAt(digits, 'PrecisionAndScale'))
  if (kind !== 'Custom' || textAt(digits, 0, 0, 'Identifier', 'value') !== 'NUMBER') return false
  return isDigits(listAt(digits, 1))
}

function isDigits(list: readonly unknown[]): boolean {
  const [precision, scale] = list.map(Number)
  return precision !== undefined && scale !== undefined && precision >= 1 && precision <= 38 && scale <= precision
}

export function pageOf(path: string): string {
  return `${reference}/${path}`
}
