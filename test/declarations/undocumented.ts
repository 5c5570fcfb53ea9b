/**
 * Finds what an editor's hover does not explain: exports and members without a first sentence, numbers without a unit,
 * optional settings without a default.
 */
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type Symbol as Declared, SignatureKind, SymbolFlags, type Type, TypeFlags } from 'typescript/unstable/sync'
import type { Declarations } from './emitted.ts'

/** Names of types that users write as object literals, whichever function takes them. */
const written = /(?:Options|Spec|Config|Settings|Aggregator|Interval|Functions|Auth|Policy|Strategy|Reference)$/

/** Units of numbers; durations are in ms throughout. Numbers without a unit say what they are. */
const units = new RegExp(
  `\\b(?:${[
    ...['ms', 'bytes', 'KiB', 'MiB', 'records', 'elements', 'frames', 'keys', 'schemas', 'shards', 'partitions?'],
    ...['checkpoints', 'failures', 'restarts', 'calls', 'times', 'crash(?:es| points?)', 'factor', 'fraction'],
    ...['number', 'offset', 'version', 'seed', 'id'],
  ].join('|')})\\b`,
  'i',
)

/** One line per problem, as "Type.member: what is missing". */
export function undocumented(declarations: Declarations, entry: string): readonly string[] {
  const { folder, project } = declarations
  const { checker, program } = project
  const source = program.getSourceFile(`${folder}/${entry}`)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`no entry ${entry}`)
  const problems = new Set<string>()
  const seen = new Set<number>()

  const isOurs = (symbol: Declared): boolean =>
    symbol.declarations.some(({ path }) => path.startsWith(folder.toLowerCase()) || path.startsWith(folder))

  function checkMembers(name: string, type: Type, given: boolean): void {
    for (const member of checker.getPropertiesOfType(type)) {
      if (!isOurs(member) || member.name.startsWith('__#')) continue
      const text = member.getDocumentationComment(checker)
      const memberType = checker.getTypeOfSymbol(member)
      if (isDiscriminant(memberType)) continue
      const problem = problemOf(text) ?? (given ? settingProblem(member, memberType, text) : undefined)
      if (problem !== undefined) problems.add(`${name}.${member.name}: ${problem}`)
      if (given && memberType !== undefined) checkGiven(`${name}.${member.name}`, memberType)
    }
  }

  /** The type of a parameter or of an option, with its parts. */
  function checkGiven(name: string, type: Type): void {
    for (const part of variantsOf(type)) {
      if ((part.flags & (TypeFlags.Object | TypeFlags.Intersection)) === 0 || seen.has(part.id)) continue
      seen.add(part.id)
      const symbol = part.getAliasSymbol() ?? part.getSymbol()
      const named = symbol === undefined || symbol.name.startsWith('__') ? name : symbol.name
      checkMembers(named, part, true)
    }
  }

  function checkCalls(name: string, symbol: Declared): void {
    const type = checker.getTypeOfSymbol(symbol)
    if (type === undefined) return
    for (const signature of checker.getSignaturesOfType(type, SignatureKind.Call)) {
      for (const parameter of signature.getParameters()) {
        const given = checker.getTypeOfSymbol(parameter)
        if (given !== undefined) checkGiven(`${name}(${parameter.name})`, given)
      }
    }
  }

  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = (exported.flags & SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported)
    if (!isOurs(symbol)) continue
    for (const problem of exportProblems(symbol, project)) problems.add(`${exported.name}: ${problem}`)
    if ((symbol.flags & (SymbolFlags.Function | SymbolFlags.Variable)) !== 0) checkCalls(exported.name, symbol)
    if ((symbol.flags & (SymbolFlags.Interface | SymbolFlags.Class | SymbolFlags.TypeAlias)) === 0) continue
    for (const variant of variantsOf(checker.getDeclaredTypeOfSymbol(symbol))) {
      checkMembers(exported.name, variant, written.test(exported.name))
    }
  }
  return [...problems].sort()
}

/** An editor shows overloads one by one, so each needs a text; a value and a type of one name share theirs. */
function exportProblems(symbol: Declared, project: Declarations['project']): readonly string[] {
  const declared = symbol.declarations.flatMap((handle) => handle.resolve(project) ?? [])
  const problems = declared.map((declaration) => problemOf(textOf(declaration)))
  const isFunction = declared.some(({ kind }) => kind === SyntaxKind.FunctionDeclaration)
  if (!isFunction && problems.includes(undefined)) return []
  return problems.filter((problem) => problem !== undefined)
}

function textOf(declaration: Node): string {
  // The comment of a variable stands before its statement.
  const owner = declaration.kind === SyntaxKind.VariableDeclaration ? declaration.parent?.parent : declaration
  const docs = owner?.jsDoc?.at(-1)
  if (docs === undefined) return ''
  const comment = /^\/\*\*([\s\S]*?)\*\/$/.exec(docs.getText())?.[1] ?? ''
  return (
    comment
      .replaceAll(/^\s*\* ?/gm, '')
      .trim()
      .split(/^@/m)[0]
      ?.trim() ?? ''
  )
}

/** undefined: nothing is wrong. */
function problemOf(text: string): string | undefined {
  if (text === '') return 'no sentence before the first tag'
  const paragraph = text.split(/\n\s*\n/)[0] ?? ''
  if (!/^[A-Z`'"([{0-9@]/.test(paragraph)) return `no capital at the start: ${paragraph}`
  return /[.:!?]$/.test(paragraph.trim()) ? undefined : `no full stop after the first paragraph: ${paragraph}`
}

function settingProblem(member: Declared, type: Type | undefined, text: string): string | undefined {
  if ((member.flags & SymbolFlags.Optional) !== 0 && !/\b(?:defaults?|required)\b/i.test(text)) return 'no default'
  return isNumber(type) && !units.test(text) ? 'no unit' : undefined
}

function variantsOf(type: Type): readonly Type[] {
  return type.isUnionType() ? (type.getTypes() ?? []) : [type]
}

function isNumber(type: Type | undefined): boolean {
  if (type === undefined) return false
  return variantsOf(type).some(({ flags }) => (flags & TypeFlags.Number) !== 0)
}

/** A member like `kind: 'record'` says by itself what it is. */
function isDiscriminant(type: Type | undefined): boolean {
  return type?.isStringLiteralType() ?? false
}
