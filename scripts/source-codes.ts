// Reads off the types of the source which codes it gives to errors, problems, warnings and answers.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, matchesGlob, relative } from 'node:path'
import {
  isBinaryExpression,
  isCallExpression,
  isClassDeclaration,
  isConditionalExpression,
  isIdentifier,
  isNewExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  SyntaxKind,
  type ClassDeclaration,
  type Expression,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast'
import { API, type Checker } from 'typescript/unstable/sync'

export interface SourceCode {
  readonly code: string
  /** The HTTP status that it is sent with; undefined where it is not a refusal of the server. */
  readonly status: number | undefined
  /** Where the source gives it, such as `packages/cli/src/command/init.ts:15`. */
  readonly at: string
}

export interface SourceCodes {
  readonly codes: readonly SourceCode[]
  /** Where an error is given a code that may be any text: the type of that argument has to name its codes. */
  readonly unclear: readonly string[]
}

/** Classes of errors: which arguments are the code and the HTTP status. */
const ERRORS: ReadonlyMap<string, { readonly code: number; readonly status?: number }> = new Map([
  ['MartletError', { code: 0 }],
  ['Problem', { code: 1, status: 0 }],
])
const base = join(import.meta.dirname, '../tsconfig.base.json')
const CODE = /^[A-Z][A-Z0-9_]+$/

/** The codes in the source files that `include` names, relative to `root`. */
export function sourceCodes(root: string, include: readonly string[]): SourceCodes {
  const folder = join(root, '.tmp/error-codes')
  const config = join(folder, 'tsconfig.json')
  mkdirSync(folder, { recursive: true })
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    isolatedDeclarations: false,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    customConditions: ['@martlet/source'],
  }
  const included = include.map((pattern) => join(root, pattern))
  writeFileSync(config, JSON.stringify({ extends: base, compilerOptions, include: included }))
  const api = new API({ cwd: root })
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (project === undefined) throw new Error(`TypeScript cannot open ${config}`)
    const files = project.program.getSourceFileNames().flatMap((name) => {
      const file = included.some((pattern) => matchesGlob(name, pattern))
        ? project.program.getSourceFile(name)
        : undefined
      return file === undefined ? [] : [searchFile(file, relative(root, name), project.checker)]
    })
    return { codes: files.flatMap(({ codes }) => codes), unclear: files.flatMap(({ unclear }) => unclear) }
  } finally {
    api.close()
  }
}

function searchFile(
  file: SourceFile,
  path: string,
  checker: Checker,
): { readonly codes: readonly SourceCode[]; readonly unclear: readonly string[] } {
  const codes: SourceCode[] = []
  const unclear: string[] = []
  const visit = (node: Node, extended: string | undefined): void => {
    const thrown = thrownBy(node, extended)
    const given = thrown?.code ?? codeGiven(node)
    if (given !== undefined) {
      const at = `${path}:${file.text.slice(0, given.getStart(file)).split('\n').length}`
      const found = textsOf(given, checker)
      if (thrown !== undefined && found.open) unclear.push(at)
      const status = thrown?.status === undefined ? undefined : numberOf(thrown.status, checker)
      for (const code of found.known) if (CODE.test(code)) codes.push({ code, status, at })
    }
    const inside = isClassDeclaration(node) && !ERRORS.has(node.name?.text ?? '') ? superclassOf(node) : extended
    node.forEachChild((child) => visit(child, inside))
  }
  visit(file, undefined)
  return { codes, unclear }
}

/** The arguments of `new MartletError(…)` and the like, and of `super(…)` in a class that extends one. */
function thrownBy(node: Node, extended: string | undefined): { code: Expression; status?: Expression } | undefined {
  const name =
    isNewExpression(node) && isIdentifier(node.expression)
      ? node.expression.text
      : isCallExpression(node) && node.expression.kind === SyntaxKind.SuperKeyword
        ? extended
        : undefined
  const places = name === undefined ? undefined : ERRORS.get(name)
  if (places === undefined || !(isNewExpression(node) || isCallExpression(node))) return undefined
  const code = node.arguments?.[places.code]
  const status = places.status === undefined ? undefined : node.arguments?.[places.status]
  return code === undefined ? undefined : { code, ...(status === undefined ? {} : { status }) }
}

/** What `{ code: … }` and `this.code = …` give, and `error instanceof MartletError ? error.code : …` otherwise. */
function codeGiven(node: Node): Expression | undefined {
  if (isPropertyAssignment(node) && isIdentifier(node.name) && node.name.text === 'code') return node.initializer
  if (isConditionalExpression(node) && isCode(node.whenTrue)) return node.whenFalse
  const isAssignment = isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.EqualsToken
  return isAssignment && isCode(node.left) ? node.right : undefined
}

/** The code of another error. */
function isCode(expression: Expression): boolean {
  return isPropertyAccessExpression(expression) && expression.name.text === 'code'
}

interface Texts {
  readonly known: readonly string[]
  /** Whether it may be other texts too. */
  readonly open: boolean
}

/** The texts that an expression may be. The code of another error is not counted: that error is found where it is made. */
function textsOf(expression: Expression, checker: Checker): Texts {
  const parts = isConditionalExpression(expression)
    ? [expression.whenTrue, expression.whenFalse]
    : isBinaryExpression(expression) && expression.operatorToken.kind === SyntaxKind.QuestionQuestionToken
      ? [expression.left, expression.right]
      : undefined
  if (parts !== undefined) {
    const texts = parts.map((part) => textsOf(part, checker))
    return { known: texts.flatMap(({ known }) => known), open: texts.some(({ open }) => open) }
  }
  const type = checker.getTypeAtLocation(expression)
  const types = type?.isUnionType() ? type.getTypes() : type === undefined ? [] : [type]
  const known = types.flatMap((one) => (one.isStringLiteralType() ? [one.value] : []))
  const isLiteral = known.length > 0 && known.length === types.length
  return { known, open: !isLiteral && !isCode(expression) }
}

function numberOf(expression: Expression, checker: Checker): number | undefined {
  const type = checker.getTypeAtLocation(expression)
  return type?.isNumberLiteralType() ? type.value : undefined
}

function superclassOf(node: ClassDeclaration): string | undefined {
  const base = node.heritageClauses?.find(({ token }) => token === SyntaxKind.ExtendsKeyword)?.types[0]?.expression
  return base !== undefined && isIdentifier(base) ? base.text : undefined
}
