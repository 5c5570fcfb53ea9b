/** Compiler errors of common mistakes: one line, at the mistake, that says what to do. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'rxweft-types-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Lines of the compiler, by file. Each begins with what the mistake is at; explanations have no place. */
let said: ReadonlyMap<string, readonly string[]> = new Map()

const ours = `
  import * as rx from 'rxjs'
  import {
    asyncMap, connect, dedupe, defineJob, filter, flatMap, intervalJoin, keyBy, keyedProcess, map, mapState,
    mapWithState, memorySink, memorySource, merge, scan, session, share, sideOutput, split, type Stream, type StreamElement,
    type StreamOperator, tap,
    to, tumbling, window,
  } from 'rxweft'
  import { asStream, operate } from 'rxweft/extend'
  const lines = memorySource<string>()
  const [texts, numbers] = [memorySink<string>(), memorySink<number>()]
  `
const head = `${ours}export const job = defineJob('job', ({ from }) =>\n`

const notOurs = '"not an operator of rxweft: import it from rxweft instead of rxjs, or wrap it in lift()"'
const notKeyed = '"this operator keeps something for each key: put keyBy(...) before it"'
const notAwaited = '"this operator does not wait for promises: use asyncMap"'
const otherKeys = '"this operator takes keys of another type than the stream has"'
const otherValues = '"this operator takes values of another type than the stream has"'
const notCalled = '"this function makes an operator: call it, as in map((value) => ...)"'
const ended = '"to(sink) ends a pipeline: put this operator before it"'
const noResult = '"window(...) has no result: add .aggregate(), .reduce() or .process() to it"'
const noSink = '"every branch of a pipeline ends in to(sink)"'

const notFor = (type: string, message: string): string =>
  `TS2345: Argument of type '${type}' is not assignable to parameter of type '${message}'.`

/** [what is wrong, the pipeline, the text at which the compiler sees it, what it says] */
const mistakes: readonly (readonly [string, string, string, string])[] = [
  [
    'a forgotten to()',
    'from(lines).pipe(map((line) => line.length))',
    'from(lines)',
    `TS2322: Type 'Stream<number, unknown>' is not assignable to type '${noSink}'.`,
  ],
  [
    'a forgotten to() in one of two branches',
    '[from(lines).pipe(map((line) => line.length)), from(lines).pipe(to(texts))]',
    '[from',
    `TS2322: Type '(Output | Stream<number, unknown>)[]' is not assignable to type '${noSink}'.`,
  ],
  [
    'scan without keyBy',
    'from(lines).pipe(scan((n, line) => n + line.length, 0, { id: "n" }), to(numbers))',
    'scan(',
    notFor('KeyedOperator<string, Key, number>', notKeyed),
  ],
  [
    'mapWithState without keyBy, behind other operators',
    'from(lines).pipe(map((line) => line), mapWithState((n, line) => [n + 1, line], 0, { id: "n" }), to(texts))',
    'mapWithState(',
    notFor('KeyedOperator<string, Key, string>', notKeyed),
  ],
  [
    'a window without keyBy',
    'from(lines).pipe(window(tumbling(5)).reduce((a, b) => a + b, { id: "w" }), to(texts))',
    'window(',
    notFor('KeyedOperator<string, Key, string>', notKeyed),
  ],
  [
    'a window without a result',
    'from(lines).pipe(keyBy((line) => line), window(tumbling(5)), to(texts))',
    'window(',
    notFor('Windowed<unknown, unknown>', noResult),
  ],
  [
    'a session without a result, behind other operators',
    'from(lines).pipe(map((line) => line), keyBy((line) => line), window(session(5)), to(texts))',
    'window(',
    notFor('WindowedSessions<unknown, unknown>', noResult),
  ],
  [
    'an operator behind to(sink)',
    'from(lines).pipe(to(texts), map((line: string) => line.length), to(numbers))',
    'map(',
    notFor('StreamOperator<string, number, unknown>', ended),
  ],
  [
    'keyedProcess without keyBy',
    'from(lines).pipe(keyedProcess({ onElement: (line: string) => [line] }, { id: "p" }), to(texts))',
    'keyedProcess(',
    notFor('KeyedOperator<string, Key, string>', notKeyed),
  ],
  [
    'a join of streams whose left one has no keyBy',
    `from(lines).pipe(intervalJoin(from(lines).pipe(keyBy((line) => line)), { from: 0, to: 5 }, (a: string, b) => a + b,
      { id: 'j' }), to(texts))`,
    'intervalJoin(',
    notFor('(source: Stream<string, string>) => Stream<string, string>', notKeyed),
  ],
  [
    'a stream with keys of another type',
    `from(lines).pipe(keyBy((line) => line.length), intervalJoin(from(lines).pipe(keyBy((line) => line)),
      { from: 0, to: 5 }, (a: string, b) => a + b, { id: 'j' }), to(texts))`,
    'intervalJoin(',
    notFor('(source: Stream<string, string>) => Stream<string, string>', otherKeys),
  ],
  [
    "RxJS's map in place of ours",
    'from(lines).pipe(rx.map((line) => line.length), to(numbers))',
    'rx.map(',
    notFor('OperatorFunction<any, any>', notOurs),
  ],
  [
    "RxJS's filter in place of ours",
    'from(lines).pipe(rx.filter((line) => line.length > 1), to(texts))',
    'rx.filter(',
    notFor('MonoTypeOperatorFunction<any>', notOurs),
  ],
  [
    "RxJS's scan in place of ours",
    'from(lines).pipe(keyBy((line) => line), rx.scan((n, line) => n + line.length, 0), to(numbers))',
    'rx.scan(',
    notFor('OperatorFunction<any, number>', notOurs),
  ],
  ...['take(2)', 'skip(1)', 'delay(5)', 'distinctUntilChanged()', 'share()', 'debounceTime(5)', 'retry()'].map(
    (call) =>
      [
        `RxJS's ${call} between operators of ours`,
        `from(lines).pipe(map((line) => line.length), rx.${call}, map((n) => n + 1), to(numbers))`,
        `rx.${call}`,
        notFor('MonoTypeOperatorFunction<any>', notOurs),
      ] as const,
  ),
  [
    'a sink of other values',
    'from(lines).pipe(map((line) => line.length), to(texts))',
    'to(texts)',
    notFor('(source: Stream<string, unknown>) => Output', otherValues),
  ],
  [
    'an operator of other values',
    'from(lines).pipe(map((n: number) => n + 1), to(numbers))',
    'map(',
    notFor('StreamOperator<number, number, unknown>', otherValues),
  ],
  [
    'map with an async function',
    'from(lines).pipe(map(async (line) => line.length), to(memorySink()))',
    'map(',
    notFor('(source: Stream<string, unknown>) => Unawaited', notAwaited),
  ],
  [
    'map with a function that returns a promise',
    'from(lines).pipe(map((line) => Promise.resolve(line)), to(memorySink()))',
    'map(',
    notFor('(source: Stream<string, unknown>) => Unawaited', notAwaited),
  ],
  [
    'filter with an async function',
    'from(lines).pipe(filter(async (line) => line.length > 1), to(texts))',
    'filter(',
    notFor('(source: Stream<string, unknown>) => Unawaited', notAwaited),
  ],
  [
    'keyBy with an async function',
    'from(lines).pipe(keyBy(async (line) => line), to(texts))',
    'line)',
    "TS2322: Type 'Promise<string>' is not assignable to type 'Key'.",
  ],
  [
    'scan with an async function',
    'from(lines).pipe(keyBy((line) => line), scan(async (n, line) => n + line.length, 0, { id: "n" }), to(numbers))',
    'n + line.length',
    "TS2322: Type 'Promise<number>' is not assignable to type 'number'.",
  ],
  [
    'asyncMap that is not called',
    'from(lines).pipe(asyncMap, to(texts))',
    'asyncMap',
    notFor(
      '<T, R = any, K = unknown>(f: AsyncFunction<T, R>, options?: AsyncMapOptions) => StreamOperator<T, R, K>',
      notCalled,
    ),
  ],
  [
    'an operator with a key that is not called, behind another one',
    'from(lines).pipe(keyBy((line) => line), dedupe, to(texts))',
    'dedupe',
    notFor(
      '<T, K extends Key>(by: (value: T, record: StreamRecord<T, K>) => Key, ttl: number, options: StatefulOptions) => KeyedOperator<T, K, T>',
      notCalled,
    ),
  ],
  ...[
    'map((line) => line.length, { onEror: "skip" })',
    'flatMap((line) => [line.length], { onEror: "skip" })',
    'filter((line) => line.length > 1, { onEror: "skip" }), map((line) => line.length)',
    'keyBy((line) => line.length, { onEror: "skip" }), map((line) => line.length)',
    'asyncMap(async (line) => line.length, { onEror: "skip" })',
  ].map(
    (operator) =>
      [
        `a misspelt option of ${operator.slice(0, operator.indexOf('('))}`,
        `from(lines).pipe(${operator}, map((n) => n + 1), to(numbers))`,
        'onEror',
        `TS2561: Object literal may only specify known properties, but 'onEror' does not exist in type '${operator.startsWith('async') ? 'AsyncMapOptions' : 'OperatorOptions'}'. Did you mean to write 'onError'?`,
      ] as const,
  ),
  [
    'a misspelt property',
    'from(lines).pipe(filter((line) => line.lenght > 1), to(texts))',
    'lenght',
    "TS2551: Property 'lenght' does not exist on type 'string'. Did you mean 'length'?",
  ],
]

/** The same of mistakes outside of a pipeline. */
const elsewhere: readonly (readonly [string, string, string, string])[] = (
  [
    ['execute', 'execute(job, { storage: memoryStorage(), shard: 4 })', 'shard', 'ExecuteOptions', 'shards'],
    [
      'checkpointing',
      'execute(job, { storage: memoryStorage(), checkpointing: { intervall: 4 } })',
      'intervall',
      'Partial<CheckpointSettings>',
      'interval',
    ],
    [
      'kafkaMembers',
      "kafkaMembers(kafka, { instance: 'a', sesionTimeout: 4 })",
      'sesionTimeout',
      'KafkaMembersOptions',
      'sessionTimeout',
    ],
    ['s3Storage', "s3Storage(client, { bucket: 'a', prefx: 'b' })", 'prefx', 'S3StorageOptions', 'prefix'],
    [
      'kafkaSource',
      "kafkaSource(kafka, { topic: 'a', value: text, startForm: 'latest' })",
      'startForm',
      'KafkaSourceOptions<string>',
      'startFrom',
    ],
    [
      'kafkaSink',
      "kafkaSink(kafka, { topic: 'a', value: text, compresion: 'gzip' })",
      'compresion',
      'KafkaSinkOptions<string>',
      'compression',
    ],
  ] as const
).map(([of, call, name, type, meant]) => [
  `a misspelt option of ${of}`,
  call,
  name,
  `TS2561: Object literal may only specify known properties, but '${name}' does not exist in type '${type}'. Did you mean to write '${meant}'?`,
])

const connectors = `
  import { defineJob, execute, memorySink, memorySource, memoryStorage, text, to } from 'rxweft'
  import { kafkaCluster, kafkaMembers, kafkaSink, kafkaSource } from 'rxweft/kafka'
  import { s3Storage } from 'rxweft/s3'
  const kafka = kafkaCluster({ brokers: ['a:1'] })
  declare const client: Parameters<typeof s3Storage>[0]
  const job = defineJob('job', ({ from }) => from(memorySource<string>()).pipe(to(memorySink())))
  `

const allMistakes = [...mistakes, ...elsewhere]

/** Programs without a mistake, whose types are inferred. */
const correct: Readonly<Record<string, string>> = {
  pipeline: `${head} from(lines).pipe(map((line) => line.length), to(numbers)))`,
  branches: `${head} [from(lines).pipe(to(texts)), from(lines).pipe(map((line) => line.length), to(numbers))])`,
  'as many operators as pipe takes': `${head} from(lines).pipe(${'map((line) => line.trim()), '.repeat(11)} to(texts)))`,
  'chains of pipe()': `${head} from(lines).pipe(rx.pipe(map((line: string) => line.length), map((n) => n + 1)), to(numbers)))`,
  'operators of inferred types': `${head} from(lines).pipe(
    flatMap((line) => line.split(' ')),
    asyncMap(async (word) => ({ word })),
    filter(({ word }) => word !== ''),
    keyBy(({ word }) => word.length),
    scan((sum, { word }, { key }) => sum + word.length + key, 0, { id: 'sum' }),
    tap((sum) => sum.toFixed()),
    share(),
    to(numbers)))`,
  'a function as an operator': `${head} from(lines).pipe((source) => source.pipe(map((line) => line.length)), to(numbers)))`,
  'guards and their inference': `${ours}
    const texty = (value: unknown): value is string => typeof value === 'string'
    const maybe = memorySource<string | undefined>()
    const parsed = (line: string): any => JSON.parse(line)
    export const job = defineJob('job', ({ from }) => [
      from(maybe).pipe(filter(texty), to(texts)),
      from(maybe).pipe(filter((line): line is string => line !== undefined), to(texts)),
      from(lines).pipe(filter((line) => parsed(line)), to(texts)),
      from(lines).pipe(keyBy((line) => line.length), filter((_, { key }) => key > 3, { onError: 'skip' }), to(texts)),
    ])`,
  'generic helpers': `${ours}
    export const mapped = <A, B>(f: (value: A) => B): StreamOperator<A, B> => map(f)
    export const counted = <K extends string>(id: string): StreamOperator<string, number, K> => scan((n, _) => n + 1, 0, { id })
    export const kept = <T, K>(): StreamOperator<T, T, K> => filter(() => true)
    export function both<T extends { id: string }>(stream: Stream<T>): Stream<number> {
      return stream.pipe(filter(({ id }) => id !== ''), map(({ id }) => id), map((id) => id.length))
    }
    export const job = defineJob('job', ({ from }) =>
      from(lines).pipe(mapped((line) => line.length), map((n) => n.toFixed()), keyBy((text) => text), kept(),
        counted('n'), to(numbers)))`,
  'a function that returns any, and one that never returns': `${ours}
    const parsed = (line: string): any => JSON.parse(line)
    const fail = (): never => { throw new Error() }
    export const job = defineJob('job', ({ from }) =>
      from(lines).pipe(map((line) => parsed(line)), map(({ name }) => name), map(fail), to(texts)))`,
  'streams of all kinds': `${ours}
    const late = sideOutput<string>()
    export const job = defineJob('job', ({ from }) => {
      const keyed = from(lines).pipe(keyBy((line) => line))
      const { short, rest } = split(keyed, { short: (line) => line.length < 5 })
      const rules = { broadcast: mapState<string, string>(), onElement: (line: string) => [line], onBroadcast: () => undefined }
      return [
        merge(short, rest).pipe(map((line) => line.length), to(numbers)),
        keyed.pipe(connect(from(lines), rules, { id: 'c' }), to(texts)),
        keyed.pipe(window(tumbling(5), { late }).reduce((a, b) => a + b, { id: 'w' }), to(texts)),
        late.pipe(map((line) => line.length), to(numbers)),
      ]
    })`,
  "operators of one's own": `${ours}
    const evens = () => operate<number, number>('evens', (out) => ({ record: (record) => out.next(record) }))
    const watched = <T>(): StreamOperator<T, T> => (source) => asStream(rx.tap<StreamElement<T>>(() => undefined)(source))
    export const job = defineJob('job', ({ from }) =>
      from(lines).pipe(map((line) => line.length), evens(), watched(), map((n) => n + 1), to(numbers)))`,
}

beforeAll(async () => {
  const wrong = [
    ...mistakes.map(([, pipeline]) => `${head}${pipeline})`),
    ...elsewhere.map(([, call]) => connectors + call),
  ]
  const programs = [...wrong, ...Object.values(correct)]
  const files = programs.map((program, at) => {
    writeFileSync(join(folder, `${at}.ts`), program)
    return join(folder, `${at}.ts`)
  })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = {
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    paths: {
      rxweft: [join(root, 'src/index.ts')],
      'rxweft/extend': [join(root, 'src/extend.ts')],
      'rxweft/kafka': [join(root, 'src/kafka/index.ts')],
      'rxweft/s3': [join(root, 'src/s3/index.ts')],
    },
  }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [] }
  const all = [...files, join(root, 'src/kafka/driver/kafkajs.d.ts')]
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, files: all }))
  const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '--pretty', 'false', '-p', folder])
  const { stdout } = await tsc.catch((failed: { stdout: string }) => failed)
  said = linesByFile(stdout, programs)
}, 120_000)

function linesByFile(output: string, programs: readonly string[]): Map<string, string[]> {
  const byFile = new Map<string, string[]>()
  let file = ''
  for (const line of output.split('\n')) {
    const place = /(?:^|\/)(\d+)\.ts\((\d+),(\d+)\): error (.*)$/.exec(line)
    if (place === null && line === '') continue
    if (place !== null) file = String(place[1])
    const text = programs[Number(file)]?.split('\n')[Number(place?.[2]) - 1]?.slice(Number(place?.[3]) - 1)
    byFile.set(file, [...(byFile.get(file) ?? []), place === null ? line : `${text} ${place[4]}`])
  }
  return byFile
}

describe('the compiler says in one line, at the mistake:', () => {
  it.each(allMistakes.map(([name, , at, message], index) => [name, at, message, index] as const))(
    '%s',
    (_, at, message, index) => {
      const found = said.get(String(index)) ?? []
      expect(found, found.join('\n')).toHaveLength(1)
      expect(found[0]).toMatch(new RegExp(`^${at.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))
      expect(found[0]?.endsWith(` ${message}`), found[0]).toBe(true)
    },
  )
})

describe('the compiler has nothing to say of', () => {
  it.each(Object.keys(correct).map((name, at) => [name, at + allMistakes.length] as const))('%s', (_, index) => {
    expect(said.get(String(index)) ?? []).toEqual([])
  })
})
