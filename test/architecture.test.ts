/** Checks that imports go only in the directions of DESIGN.md. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const repository = join(import.meta.dirname, '..')
const root = join(repository, 'src')

/** The three layers of what flows: records; what an attempt offers, back-pressure among it; the elements. */
const elements: readonly string[] = [
  'record.ts',
  'meter.ts',
  'backPressure.ts',
  'attempt.ts',
  'keySlots.ts',
  'element.ts',
]

/** A room is a folder of src, or a file directly in it. What it may import besides itself; packages begin with @. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'meter.ts': [],
  'backPressure.ts': ['meter.ts'],
  'record.ts': [],
  'attempt.ts': ['record.ts', 'meter.ts', 'notice.ts', 'backPressure.ts'],
  'keySlots.ts': ['record.ts'],
  'element.ts': ['record.ts', 'attempt.ts', 'keySlots.ts'],
  'stream.ts': ['@rxjs', 'record.ts', 'element.ts', 'sinks'],
  'notice.ts': [],
  errorCodes: [],
  'errors.ts': ['errorCodes'],
  'openErrors.ts': ['errors.ts'],
  'deferred.ts': [],
  'lossless.ts': [],
  'options.ts': ['errors.ts'],
  'checkedDelay.ts': ['errors.ts'],
  'partFailed.ts': ['errors.ts'],
  'optionalPackage.ts': ['errors.ts'],
  'jsonNumbers.ts': [],
  'json.ts': ['record.ts', 'lossless.ts', 'jsonNumbers.ts'],
  serde: [
    ...['@io-ts', '@@standard-schema/spec', '@@msgpack/msgpack'],
    ...[...elements, 'errors.ts', 'json.ts', 'lossless.ts'],
  ],
  'clock.ts': ['attempt.ts'],
  'pace.ts': [],
  'credits.ts': ['backPressure.ts', 'meter.ts', 'errors.ts', 'pace.ts'],
  metrics: ['meter.ts'],
  opentelemetry: ['@@opentelemetry/api', 'metrics'],
  prometheus: ['@prom-client', 'metrics'],
  contracts: [...elements, 'errors.ts', 'serde', 'sinks'],
  time: [...elements, 'errors.ts', 'clock.ts', 'contracts'],
  state: ['@tinyqueue', '@lmdb', ...elements, 'errors.ts', 'clock.ts', 'serde'],
  operators: [
    '@rxjs',
    ...elements,
    ...['stream.ts', 'checkedDelay.ts'],
    'errors.ts',
    'clock.ts',
    'deferred.ts',
    'serde',
    'time',
    'state',
    'sinks',
    'contracts',
  ],
  checkpoint: [
    ...['@fp-ts', '@io-ts', ...elements, 'notice.ts', 'errors.ts', 'json.ts', 'clock.ts', 'partFailed.ts'],
    'contracts',
  ],
  members: ['@fp-ts', '@io-ts', 'attempt.ts', 'errors.ts', 'json.ts', 'record.ts', 'checkpoint', 'contracts'],
  sinks: [...elements, 'errors.ts', 'openErrors.ts', 'serde', 'contracts', 'kafka'],
  kafka: [
    ...['@kafkajs', '@lz4-napi', '@@toondepauw/node-zstd', ...elements, 'notice.ts', 'errors.ts'],
    ...['openErrors.ts', 'clock.ts', 'deferred.ts', 'serde', 'checkpoint', 'contracts', 'sinks', 'members'],
  ],
  embedded: [
    ...['@lmdb', '@fp-ts', '@io-ts', ...elements, 'errors.ts', 'deferred.ts', 'serde', 'checkpoint'],
    ...['contracts', 'sinks'],
  ],
  s3: ['@@aws-sdk/client-s3', 'attempt.ts', 'errors.ts', 'clock.ts', 'checkpoint', 'contracts'],
  cli: [
    ...['@commander', 'notice.ts', 'record.ts', 'attempt.ts', 'clock.ts', 'errors.ts', 'job', 'state', 'testing'],
    ...['contracts', 'checkpoint', 'members', 'kafka', 'console'],
  ],
  console: ['clock.ts', 'errors.ts', 'job', 'metrics'],
  memory: [...elements, 'errors.ts', 'deferred.ts', 'contracts'],
  job: [
    ...['@rxjs', '@fp-ts', 'json.ts', ...elements, 'notice.ts', 'errors.ts', 'serde', 'clock.ts', 'credits.ts'],
    ...['openErrors.ts', 'deferred.ts', 'time', 'state', 'checkpoint', 'operators', 'contracts', 'sinks', 'members'],
    ...['stream.ts', 'checkedDelay.ts', 'partFailed.ts', 'metrics'],
  ],
  testing: [
    ...['@rxjs', ...elements, 'stream.ts', 'errors.ts', 'clock.ts', 'credits.ts'],
    ...['state', 'checkpoint', 'job', 'contracts', 'sinks'],
  ],
}

/** What every room may import: the checks of options, and packages by `require`. */
const everywhere: readonly string[] = ['options.ts', 'optionRules.ts', 'optionalPackage.ts']

/** Contracts only: the runner and the operators know no particular source or sink. */
const shown: Readonly<Record<string, readonly string[]>> = {
  job: ['sinks/sink.ts'],
  operators: ['sinks/sink.ts'],
  testing: ['sinks/sink.ts', 'sinks/memorySink.ts'],
}

const entries = [
  'index.ts',
  'extend.ts',
  'kafka/index.ts',
  'embedded/index.ts',
  'lmdb.ts',
  's3/index.ts',
  'opentelemetry/index.ts',
  'prometheus/index.ts',
  'console/index.ts',
  'testing/index.ts',
]

const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))

/** Sources in a folder of the repository, by path from there on. */
function sourcesIn(folder: string): readonly string[] {
  const from = join(repository, folder)
  return readdirSync(from, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'dist' ? [] : sourcesIn(path)
    return /(?<!\.d)\.ts$/.test(entry.name) ? [path] : []
  })
}

/** Imports of files by relative path, from the root of the repository on. */
function relativeImports(file: string): readonly string[] {
  const source = readFileSync(join(repository, file), 'utf8')
  return [...source.matchAll(/^(?:import|export|\}) .*from '(\.[^'\n]+)'/gm)].map(([, name = '']) => {
    return join(dirname(file), name)
  })
}

/** What a file imports: paths from src on, packages with an @ in front; Node's own are left out. */
function importsOf(file: string): readonly string[] {
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(/(?:from|import\(?) ?'([^'\n]+)'/g)].flatMap(([, name = '']) => {
    if (name.startsWith('node:')) return []
    return name.startsWith('.') ? [relative(root, join(root, dirname(file), name))] : [`@${packageOf(name)}`]
  })
}

function packageOf(name: string): string {
  const [first = '', second = ''] = name.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}

/** "file -> import" for each import from another room that is not allowed. */
function offences(from: readonly string[], allows: (room: string, path: string) => boolean): readonly string[] {
  return from.flatMap((file) => {
    const foreign = importsOf(file).filter((path) => roomOf(path) !== roomOf(file))
    return foreign.filter((path) => !allows(roomOf(file), path)).map((path) => `${file} -> ${path}`)
  })
}

/** Each circle once, as "a -> b -> a", from where it was entered first. */
function circles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) found.push([...path.slice(start), file].join(' -> '))
    if (start >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

/** Who may ask for the time of day, and what for. */
const timestamps: Readonly<Record<string, string>> = {
  'job/savepoints/keepSavepoint.ts': 'when a savepoint was taken, for people',
  'clock.ts': 'the clock itself',
  'console/page/connection.ts': 'of a browser, compared with that of the server',
  'cli/readFacts.ts': 'compared with the times of ledger entries',
  'checkpoint/temporaryFiles.ts': 'compared with the time of a file',
  'embedded/embeddedLog.ts': 'of a record that is appended without one',
  'job/badRecords/badRecords.ts': 'of a dead letter',
  'opentelemetry/spans.ts': 'end of a span',
  'job/metrics/attemptView.ts': 'compared with event time',
  'job/metrics/shardMetrics.ts': 'compared with event time',
  'job/feed.ts': 'what a timestamp may lie ahead of, where that is asked for',
  'operators/keyed/alarmClock.ts': 'timers of processing time ring at a time of day',
  'operators/engine/userCalls.ts': 'what users set such timers by',
  'operators/windows/paneTrigger.ts': 'the same, of an early result',
  'operators/windows/processingPanes.ts': 'the windows of processing time that a record is in',
  'kafka/sink/sinkTopics.ts': 'compared with the timestamps of records, which brokers remove by their age',
  'sinks/writtenTimestamp.ts': 'of a record that is to be written with it',
  'state/lmdbState.ts': 'compared with the time of a file',
  'testing/crash/crashRun.ts': 'of a world in which nobody sets the clock',
  'testing/crash/crashWorld.ts': 'of a world in which nobody sets the clock',
  'testing/job/testSource.ts': 'of a record that is pushed without one',
}

const roomOf = (path: string): string => (path.startsWith('@') ? path : (path.split('/')[0] as string))

describe('the architecture', () => {
  it('lets each room import only what it may know', () => {
    const rooms = files.filter((file) => !entries.includes(file))
    expect(offences(rooms, (room, path) => (allowed[room] ?? []).concat(everywhere).includes(roomOf(path)))).toEqual([])
  })

  it('shows sources and sinks to the runner, the operators and the test kit by contract only', () => {
    const blind = files.filter((file) => roomOf(file) in shown)
    const isEnd = (path: string): boolean => ['sinks', 'memory', 'kafka', 'embedded'].includes(roomOf(path))
    expect(offences(blind, (room, path) => !isEnd(path) || (shown[room]?.includes(path) ?? false))).toEqual([])
  })

  it('has no circle of imports, those of types included', () => {
    expect(circles(new Map(files.map((file) => [file, importsOf(file)])))).toEqual([])
  })

  it('has none in bench, docs, examples, packages, test and tools either', () => {
    const outside = ['bench', 'docs', 'examples', 'packages', 'test', 'tools'].flatMap((folder) => sourcesIn(folder))
    expect(circles(new Map(outside.map((file) => [file, relativeImports(file)])))).toEqual([])
  })

  it('would see a circle', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', []],
    ])
    expect(circles(graph)).toEqual(['a -> b -> c -> a'])
  })

  it('lets nobody import an entry', () => {
    expect(files.flatMap(importsOf).filter((path) => entries.includes(path))).toEqual([])
  })

  it('asks for the time of day only if a timestamp is meant: durations go by `monotonic()`, which nobody can set', () => {
    const asking = files.filter((file) => /\b(?:clock|Date)\.now\b/.test(readFileSync(join(root, file), 'utf8')))
    expect(asking.sort()).toEqual(Object.keys(timestamps).sort())
  })

  it('has no file over 300 lines: two ideas in one room', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 300)
    expect(long).toEqual([])
  })
})
