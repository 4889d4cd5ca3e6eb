/** What Snowflake's reference says of a function, as far as statements can be held against it. */
export interface AllowedFunction {
  /** The fewest and the most arguments. */
  readonly args: readonly [least: number, most: number]
  /** Its page under https://docs.snowflake.com/en/sql-reference/functions/ */
  readonly page: string
  /**
   * With OVER: `frames` takes ROWS and RANGE frames; `ordered` demands ORDER BY and takes no frame; `whole` takes only PARTITION BY here.
   * Without this a function cannot be called with OVER.
   */
  readonly over?: 'frames' | 'ordered' | 'whole'
  /** Is nothing without OVER. */
  readonly onlyOver?: true
  /** May be called with DISTINCT; not together with ORDER BY in OVER. */
  readonly distinct?: true
  /**
   * Takes RANGE frames with a number or interval before PRECEDING or FOLLOWING:
   * https://docs.snowflake.com/en/sql-reference/functions-window-syntax#range-between-limitations
   */
  readonly rangeOffsets?: true
  /** May be ordered without a frame, for every engine's default frame gives the same. */
  readonly frameless?: true
  /** Takes IGNORE NULLS, after its parentheses. */
  readonly ignoreNulls?: true
  readonly withinGroup?: 'demanded' | 'allowed'
  /** What the argument at this place must be; anything where nothing is said. */
  readonly kinds?: readonly ArgumentKind[]
  /** Is a table function: stands only inside TABLE(…) of FROM, with these named arguments. */
  readonly table?: readonly string[]
}

export type ArgumentKind =
  | 'any'
  | 'integer literal'
  | 'number literal'
  | 'text literal'
  | { readonly word: readonly string[] }

const any = Number.MAX_SAFE_INTEGER
const moving = { over: 'frames', rangeOffsets: true } as const

/** Every function that may stand in a statement for Snowflake. Nothing is here that no leaf, compiler or example prints. */
export const functions: Readonly<Record<string, AllowedFunction>> = {
  // aggregates
  COUNT: { args: [1, 1], page: 'count', distinct: true, ...moving },
  SUM: { args: [1, 1], page: 'sum', ...moving },
  AVG: { args: [1, 1], page: 'avg', ...moving },
  MIN: { args: [1, 1], page: 'min', ...moving },
  MAX: { args: [1, 1], page: 'max', ...moving },
  STDDEV_SAMP: { args: [1, 1], page: 'stddev', ...moving },
  VAR_SAMP: { args: [1, 1], page: 'var_samp', ...moving },
  VAR_POP: { args: [1, 1], page: 'var_pop', ...moving },
  CORR: { args: [2, 2], page: 'corr' },
  COVAR_POP: { args: [2, 2], page: 'covar_pop' },
  MEDIAN: { args: [1, 1], page: 'median' },
  REGR_SLOPE: { args: [2, 2], page: 'regr_slope' },
  PERCENTILE_CONT: { args: [1, 1], page: 'percentile_cont', withinGroup: 'demanded', kinds: ['number literal'] },
  APPROX_COUNT_DISTINCT: { args: [1, 1], page: 'approx_count_distinct' },
  APPROX_PERCENTILE: { args: [2, 2], page: 'approx_percentile', kinds: ['any', 'number literal'] },
  ARRAY_AGG: { args: [1, 1], page: 'array_agg', withinGroup: 'allowed', ...moving },
  // windows
  ROW_NUMBER: { args: [0, 0], page: 'row_number', over: 'ordered', onlyOver: true },
  DENSE_RANK: { args: [0, 0], page: 'dense_rank', over: 'ordered', onlyOver: true },
  RANK: { args: [0, 0], page: 'rank', over: 'ordered', onlyOver: true },
  NTILE: { args: [1, 1], page: 'ntile', over: 'ordered', onlyOver: true, kinds: ['integer literal'] },
  LAG: { args: [1, 3], page: 'lag', over: 'ordered', onlyOver: true, kinds: ['any', 'integer literal', 'any'] },
  LEAD: { args: [1, 3], page: 'lead', over: 'ordered', onlyOver: true, kinds: ['any', 'integer literal', 'any'] },
  FIRST_VALUE: { args: [1, 1], page: 'first_value', onlyOver: true, ignoreNulls: true, frameless: true, ...moving },
  LAST_VALUE: { args: [1, 1], page: 'last_value', onlyOver: true, ignoreNulls: true, ...moving },
  // numbers
  HASH: { args: [1, any], page: 'hash' },
  ABS: { args: [1, 1], page: 'abs' },
  MOD: { args: [2, 2], page: 'mod' },
  SQRT: { args: [1, 1], page: 'sqrt' },
  LN: { args: [1, 1], page: 'ln' },
  POWER: { args: [2, 2], page: 'pow' },
  CEIL: { args: [1, 1], page: 'ceil' },
  FLOOR: { args: [1, 1], page: 'floor' },
  ROUND: { args: [2, 2], page: 'round', kinds: ['any', 'integer literal'] },
  TO_NUMBER: { args: [2, 2], page: 'to_decimal', kinds: ['any', 'text literal'] },
  // conditions
  COALESCE: { args: [2, any], page: 'coalesce' },
  GREATEST_IGNORE_NULLS: { args: [1, any], page: 'greatest_ignore_nulls' },
  LEAST_IGNORE_NULLS: { args: [1, any], page: 'least_ignore_nulls' },
  NULLIF: { args: [2, 2], page: 'nullif' },
  // text
  LOWER: { args: [1, 1], page: 'lower' },
  LENGTH: { args: [1, 1], page: 'length' },
  MD5: { args: [1, 1], page: 'md5' },
  SHA2: { args: [2, 2], page: 'sha2', kinds: ['any', 'integer literal'] },
  CONCAT: { args: [2, 2], page: 'concat' },
  REGEXP_INSTR: { args: [2, 2], page: 'regexp_instr', kinds: ['any', 'text literal'] },
  // time
  CONVERT_TIMEZONE: { args: [2, 3], page: 'convert_timezone', kinds: ['text literal', 'any', 'any'] },
  SYSTEM$TYPEOF: { args: [1, 1], page: 'system_typeof' },
  DATEADD: { args: [3, 3], page: 'dateadd', kinds: [{ word: ["'microsecond'"] }, 'any', 'any'] },
  DATE_PART: { args: [2, 2], page: 'date_part', kinds: [{ word: ['EPOCH_MICROSECOND'] }, 'any'] },
  DAY: { args: [1, 1], page: 'year' },
  DAYOFWEEKISO: { args: [1, 1], page: 'year' },
  DAYOFYEAR: { args: [1, 1], page: 'year' },
  HOUR: { args: [1, 1], page: 'hour-minute-second' },
  MONTH: { args: [1, 1], page: 'year' },
  QUARTER: { args: [1, 1], page: 'year' },
  TO_TIMESTAMP_NTZ: { args: [1, 2], page: 'to_timestamp', kinds: ['any', 'integer literal'] },
  WEEKISO: { args: [1, 1], page: 'year' },
  YEAR: { args: [1, 1], page: 'year' },
  // the session
  CURRENT_DATABASE: { args: [0, 0], page: 'current_database' },
  CURRENT_ROLE: { args: [0, 0], page: 'current_role' },
  CURRENT_SCHEMA: { args: [0, 0], page: 'current_schema' },
  CURRENT_VERSION: { args: [0, 0], page: 'current_version' },
  IS_ROLE_IN_SESSION: { args: [1, 1], page: 'is_role_in_session' },
  CURRENT_WAREHOUSE: { args: [0, 0], page: 'current_warehouse' },
  SYSDATE: { args: [0, 0], page: 'sysdate' },
  // arrays
  ARRAY_DISTINCT: { args: [1, 1], page: 'array_distinct' },
  ARRAY_GENERATE_RANGE: { args: [2, 3], page: 'array_generate_range' },
  ARRAY_SIZE: { args: [1, 1], page: 'array_size' },
  FLATTEN: { args: [1, 1], page: 'flatten', table: ['INPUT'] },
  GET: { args: [2, 2], page: 'get' },
  // the catalog
  'INFORMATION_SCHEMA.POLICY_REFERENCES': {
    args: [2, 2],
    page: 'policy_references',
    table: ['REF_ENTITY_NAME', 'REF_ENTITY_DOMAIN'],
  },
}
