/** Where a source can be mutated: one small change of one line. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../fuzz/random.ts'

export interface Mutation {
  /** Relative to the root of the repository. */
  readonly file: string
  /** From 0. */
  readonly line: number
  readonly was: string
  readonly changed: string
}

/** What is replaced, and by what; the first group is kept in front. */
const operators: readonly (readonly [RegExp, string])[] = [
  [/ === /, ' !== '],
  [/ !== /, ' === '],
  [/ < /, ' <= '],
  [/ <= /, ' < '],
  [/ > (?!\{)/, ' >= '],
  [/ >= /, ' > '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/ \+ 1\b/, ''],
  [/ - 1\b/, ''],
  [/ \+ /, ' - '],
  [/\btrue\b/, 'false'],
  [/\bfalse\b/, 'true'],
  [/\bif \((?!.*\bawait\b)(.*)\) /, 'if (!($1)) '],
  [/\bMath\.max\b/, 'Math.min'],
  [/\bMath\.min\b/, 'Math.max'],
  [/^\s+(?:await )?[\w.?]+\([^{]*\)$/, ''],
  [/^\s+[\w.]+ [-+]?= .*$/, ''],
]

/** Not in comments, imports, types and messages: nothing would run differently. */
function isCode(line: string): boolean {
  const text = line.trim()
  return (
    text !== '' && !/^(\*|\/|import\b|export (type|interface)\b|readonly\b|type\b|interface\b|hint:|'|`)/.test(text)
  )
}

function mutationsIn(root: string, file: string): readonly Mutation[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((was, line) => {
      if (!isCode(was)) return []
      return operators.flatMap(([from, to]) => {
        const changed = was.replace(from, to)
        return changed === was ? [] : [{ file, line, was, changed }]
      })
    })
}

/** TypeScript under a folder, or that file, relative to the root. */
export function filesUnder(root: string, folder: string): readonly string[] {
  if (folder.endsWith('.ts')) return [folder]
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
    .sort()
}

/** Every mutation of the sources in `folders`, in an order that depends on the seed only. */
export function shuffledMutations(root: string, folders: readonly string[], seed: number): readonly Mutation[] {
  const all = folders.flatMap((folder) => filesUnder(root, folder)).flatMap((file) => mutationsIn(root, file))
  const { below } = random(seed)
  for (let last = all.length - 1; last > 0; last--) {
    const other = below(last + 1)
    ;[all[last], all[other]] = [all[other] as Mutation, all[last] as Mutation]
  }
  return all
}
