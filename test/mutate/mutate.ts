/**
 * Random mutants of the sources, by hand: one small change of a line at a time, then the tests that should notice it.
 *
 *   node --import tsx test/mutate/mutate.ts --count 500 --seed 7
 *   node --import tsx test/mutate/mutate.ts --count 20 --under src/kafka/batch --seconds 120
 *
 * It changes files of the tree that it runs in, and puts them back: run it in a worktree of its own.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { random } from '../fuzz/random.ts'

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    seed: { type: 'string' },
    under: { type: 'string' },
    seconds: { type: 'string' },
  },
})
const { below } = random(Number(values.seed ?? 1))
const limit = Number(values.seconds ?? 300) * 1_000
const folders = values.under?.split(',') ?? ['src/kafka', 'src/checkpoint', 'src/job']

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

interface Place {
  readonly file: string
  readonly line: number
  readonly changed: string
}

/** Not in comments, imports, types and messages: nothing would run differently. */
function isCode(line: string): boolean {
  const text = line.trim()
  return (
    text !== '' && !/^(\*|\/|import\b|export (type|interface)\b|readonly\b|type\b|interface\b|hint:|'|`)/.test(text)
  )
}

function placesIn(file: string): readonly Place[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((line, at) => {
      if (!isCode(line)) return []
      return operators.flatMap(([from, to]) => {
        const changed = line.replace(from, to)
        return changed === line ? [] : [{ file, line: at, changed }]
      })
    })
}

/** The tests of the file, else those of its folder; and schedules of the simulation. */
function testsOf(file: string): readonly string[] {
  const mirrored = relative('src', file).replace(/\.ts$/, '')
  const own = [`test/${mirrored}.test.ts`].filter((one) => existsSync(join(root, one)))
  return [
    ...own,
    join('test', dirname(mirrored)),
    ...(file.startsWith('src/kafka') ? ['test/sources', 'test/sinks'] : []),
  ]
}

function fails(command: string, args: readonly string[]): boolean {
  const { status } = spawnSync(command, args, { cwd: root, timeout: limit, killSignal: 'SIGKILL', stdio: 'ignore' })
  return status !== 0
}

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name)),
)
const places = files.flatMap(placesIn)
const survivors: string[] = []
let killed = 0
const count = Number(values.count ?? 500)
console.log(`${places.length} mutants in ${files.length} files; ${count} of them, seed ${values.seed ?? 1}`)
for (let done = 0; done < count; done++) {
  const { file, line, changed } = places[below(places.length)] as Place
  const path = join(root, file)
  const before = readFileSync(path, 'utf8')
  const lines = before.split('\n')
  const was = lines[line] ?? ''
  lines[line] = changed
  writeFileSync(path, lines.join('\n'))
  let dead: string | null = null
  try {
    if (fails('npx', ['tsc', '--noEmit'])) dead = 'types'
    else if (fails('npx', ['vitest', 'run', '--project', 'unit', '--bail', '1', ...testsOf(file)])) dead = 'tests'
    else if (fails('node', ['--import', 'tsx', 'test/simulation/simulate.ts', '--seeds', '300'])) dead = 'simulation'
  } finally {
    writeFileSync(path, before)
  }
  if (dead === null) survivors.push(`${file}:${line + 1}\n    - ${was.trim()}\n    + ${changed.trim()}`)
  else killed++
  console.log(
    `${done + 1}: ${dead === null ? 'SURVIVED' : `killed by ${dead}`}  ${file}:${line + 1}  ${changed.trim().slice(0, 90)}`,
  )
}
console.log(`\n${killed} of ${count} killed\n${survivors.join('\n')}`)
