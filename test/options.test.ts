import { EMPTY } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { schemaRegistry } from '../packages/schema-registry/src/index.ts'
import { embeddedRepartition, embeddedSink, embeddedSource } from '../src/embedded/index.ts'
import * as rxweft from '../src/index.ts'
import {
  fixedMembers,
  kafkaCluster,
  kafkaMembers,
  kafkaRepartition,
  kafkaSink,
  kafkaSource,
} from '../src/kafka/index.ts'
import { lmdbState } from '../src/lmdb.ts'
import { optionProblems, unknownOptions } from '../src/options.ts'
import { asStream } from '../src/stream.ts'
import { crashTest, parse, run, runInTime, testJob, testServices, virtualClock } from '../src/testing/index.ts'
import { temporaryLog } from './embedded/temporaryLog.ts'

const { text } = rxweft
const cluster = kafkaCluster({ brokers: ['localhost:9092'] })
const storage = rxweft.memoryStorage()
const job = rxweft.defineJob('j', () => [])
const nothing = asStream<unknown, rxweft.Key>(EMPTY)
const f = (value: unknown): unknown => value
const id = 'op'
const connectSpec = { broadcast: rxweft.mapState(), onElement: () => [], onBroadcast: () => undefined }

const passing = rxweft.defineJob('p', ({ from }) =>
  from(rxweft.memorySource<string>()).pipe(rxweft.to(rxweft.memorySink())),
)
const join = (options: object) =>
  rxweft.intervalJoin(nothing as never, { from: 0, to: 1 }, f as never, options as never)(nothing)

/** Each with options of which one is misspelt, as only JavaScript lets them pass. */
const calls: Readonly<Record<string, () => unknown>> = {
  execute: () => rxweft.execute(job, { storage, checkpointng: {} } as never),
  'execute.checkpointing': () => rxweft.execute(job, { storage, checkpointing: { intervall: 5 } } as never),
  defineJob: () => rxweft.defineJob('j', () => [], { onErorr: 'skip' } as never),
  kafkaCluster: () => kafkaCluster({ brokers: ['a:1'], ssll: true } as never),
  kafkaSource: () => kafkaSource(cluster, { topic: 't', value: text, util: 'latest' } as never),
  kafkaSink: () => kafkaSink(cluster, { topic: 't', value: text, compresion: 'zstd' } as never),
  kafkaRepartition: () =>
    kafkaRepartition(cluster, { name: 'n', partitions: 1, key: text, value: text, remove: 1 } as never),
  memorySource: () => rxweft.memorySource({ partitions: [[]], topics: 't' } as never),
  memorySink: () => rxweft.memorySink({ name: 'x' } as never),
  lmdbState: () => lmdbState('/tmp/never', { caches: 1 } as never),
  json: () => rxweft.json({ bigint: true } as never),
  exponentialDelay: () => rxweft.exponentialDelay({ attempt: 3 } as never),
  fixedDelay: () => rxweft.fixedDelay({ attempts: 3, delays: 5 } as never),
  failureRate: () => rxweft.failureRate({ failures: 3, interval: 5, delai: 5 } as never),
  map: () => rxweft.map(f, { onErr: 'skip' } as never),
  filter: () => rxweft.filter(() => true, { onErr: 'skip' } as never),
  flatMap: () => rxweft.flatMap(() => [], { onErr: 'skip' } as never),
  tap: () => rxweft.tap(f, { onErr: 'skip' } as never),
  keyBy: () => rxweft.keyBy(() => 1, { onErr: 'skip' } as never),
  split: () => rxweft.split(nothing as never, { a: () => true } as never, { onErr: 'skip' } as never),
  to: () => rxweft.to(rxweft.memorySink(), { onErr: 'skip' } as never),
  asyncMap: () => rxweft.asyncMap(async (value) => value, { concurency: 3 } as never),
  'asyncMap.retry': () => rxweft.asyncMap(async (value) => value, { retry: { attempts: 1, delays: 1 } } as never),
  scan: () => rxweft.scan(f as never, 0, { id, tll: 5 } as never)(nothing),
  'scan without a seed, one of joins': () => rxweft.scan(f as never, { id, left: {} } as never)(nothing),
  'scan, one of joins': () => rxweft.scan(f as never, 0, { id, left: {} } as never)(nothing),
  'keyedProcess, one of scan': () =>
    rxweft.keyedProcess({ onElement: () => undefined }, { id, ttl: 5 } as never)(nothing),
  'connect, one of scan': () =>
    rxweft.connect(nothing as never, connectSpec as never, { id, ttl: 5 } as never)(nothing),
  'dedupe, given twice': () => rxweft.dedupe(() => 1, 5, { id, ttl: 7 } as never)(nothing),
  dedupe: () => rxweft.dedupe(() => 1, 5, { id, onErrors: 'skip' } as never)(nothing),
  topN: () => rxweft.topN(1, () => 0, { id, tll: 5 } as never)(nothing),
  countDistinct: () => rxweft.countDistinct(() => 1, { id, ttl: 7 } as never)(nothing),
  latestByKey: () => rxweft.latestByKey({ id, tll: 5 } as never)(nothing),
  'window of processing time, one of others': () =>
    rxweft.window(rxweft.processingTime(rxweft.tumbling(5)) as never, { allowedLateness: 3 } as never),
  valueState: () => rxweft.valueState({ tll: 5 } as never),
  window: () => rxweft.window(rxweft.tumbling(5), { allowedLatness: 3 } as never),
  'window.reduce': () => rxweft.window(rxweft.tumbling(5)).reduce(f as never, { id, ids: 'x' } as never)(nothing),
  'window.aggregate, one of window': () =>
    rxweft.window(rxweft.tumbling(5)).aggregate({} as never, { id, allowedLateness: 3 } as never)(nothing),
  'window.process, one of scan': () =>
    rxweft.window(rxweft.tumbling(5)).process(f as never, { id, ttl: 3 } as never)(nothing),
  'global window, one of windows of time': () =>
    rxweft.window(rxweft.globalWindow(), { trigger: rxweft.onCount(2), allowedLateness: 3 } as never),
  'intervalJoin, one of windowJoin': () => join({ id, allowedLateness: 3 }),
  'intervalJoin.left': () => join({ id, left: { lat: rxweft.sideOutput() } }),
  'windowJoin.right': () =>
    rxweft.windowJoin(nothing as never, rxweft.tumbling(5), f as never, { id, right: { ttl: 5 } } as never),
  asOfJoin: () => rxweft.asOfJoin(nothing as never, f as never, { id, lefts: {} } as never)(nothing),
  'coGroup, one of windowJoin': () =>
    rxweft.coGroup(nothing as never, rxweft.tumbling(5), f as never, { id, outer: 'left' } as never)(nothing),
  intervals: () => rxweft.intervalJoin(nothing as never, { from: 0, to: 1, befor: 2 } as never, f as never, { id }),
  keyedProcess: () => rxweft.keyedProcess({ onElement: () => [], onElements: f } as never, { id })(nothing as never),
  'keyedProcess options': () => rxweft.keyedProcess({ onElement: () => [] }, { id, ttl: 5 } as never)(nothing as never),
  connect: () => rxweft.connect(nothing as never, { ...connectSpec, onBrodcast: f } as never, { id }),
  intervalJoin: () =>
    rxweft.intervalJoin(nothing as never, { from: 0, to: 1 }, f as never, { id, left: { codek: text } } as never),
  coGroup: () => rxweft.coGroup(nothing as never, rxweft.tumbling(5), f as never, { id, right: { ttl: 5 } } as never),
  testJob: () => testJob(job, { clocks: virtualClock() } as never),
  testServices: () => testServices({ onErorr: 'skip' } as never),
  parse: () => parse('R', { value: {} } as never),
  schemaRegistry: () => schemaRegistry({ url: 'http://localhost:1', timeouts: 5 } as never),
  avro: () => schemaRegistry({ url: 'http://localhost:1' }).avro({ subjects: 'a' } as never),
  jsonSchema: () => schemaRegistry({ url: 'http://localhost:1' }).jsonSchema({ subjects: 'a' } as never),
  protobuf: () => schemaRegistry({ url: 'http://localhost:1' }).protobuf({ messages: 'a' } as never),
  windowJoin: () =>
    rxweft.windowJoin(nothing as never, rxweft.tumbling(5) as never, f as never, { id, lefts: {} } as never)(nothing),
  tumbling: () => rxweft.tumbling(5, { offsets: 1 } as never),
  sliding: () => rxweft.sliding(5, 5, { offsets: 1 } as never),
  startFrom: () => kafkaSource(cluster, { topic: 't', value: text, startFrom: { timestamp: 5, end: 7 } } as never),
  push: () => testJob(passing).push('a', { timestmp: 5 } as never),
  run: () => run(rxweft.map(f) as never, 'R-a-|', { value: {} } as never),
  onCount: () => rxweft.onCount(5, { purges: true } as never),
}

it('An embedded log and its ends refuse it, too', async () => {
  const log = await temporaryLog()
  const calls: Readonly<Record<string, () => unknown>> = {
    createTopic: () => log.createTopic('t', { partitions: 1, partition: 1 } as never),
    embeddedSource: () => embeddedSource(log, { topic: 't', value: text, from: 'latest' } as never),
    embeddedSink: () => embeddedSink(log, { topic: 't', value: text, header: f } as never),
    embeddedRepartition: () =>
      embeddedRepartition(log, { name: 'n', partitions: 1, key: text, value: text, purge: 1 } as never),
  }
  for (const [name, call] of Object.entries(calls)) expect(call).toThrow(`BAD_OPTION: ${name}: there is no option`)
})

it('crashTest refuses it, too', async () => {
  const wrong = { input: {}, invariants: f } as never
  await expect(crashTest(() => job, wrong)).rejects.toThrow(/BAD_OPTION: crashTest: there is no option "invariants"/)
})

it('One error lists all problems, those of options within options included', () => {
  const wrong = { shards: 0, checkpointing: { interval: 0, mod: 'x' }, restart: 5 } as never
  expect(() => rxweft.execute(job, wrong)).toThrow(
    'BAD_OPTION: execute: storage is missing, must be a checkpoint storage, such as fileStorage(folder); ' +
      'restart is 5, must be a restart strategy, such as exponentialDelay(); shards is 0, must be a whole number from 1 to 256; ' +
      'there is no option "checkpointing.mod", did you mean "checkpointing.mode"; ' +
      'checkpointing.interval is 0, must be a whole number of ms from 1 to 2147483647. Correct the options of execute',
  )
  expect(() => rxweft.asyncMap(async () => 0, { timeout: 0, retry: { attempts: 0 } } as never)).toThrow(
    'timeout is 0, must be a number of ms above 0, at most 2147483647; retry.attempts is 0, must be a whole number from 1; ' +
      'retry.delay is missing, must be a function',
  )
})

it('The settings of a cluster in place of the cluster are refused', () => {
  const settings = { brokers: ['a:1'] } as never
  const problem = 'cluster is of type object, must be a cluster, such as kafkaCluster({ brokers })'
  const calls = {
    kafkaSource: () => kafkaSource(settings, { topic: 't', value: text }),
    kafkaSink: () => kafkaSink(settings, { topic: 't', value: text }),
    kafkaMembers: () => kafkaMembers(settings, { instance: 'a' }),
    fixedMembers: () => fixedMembers(settings, { index: 0, of: 1 }),
    kafkaRepartition: () => kafkaRepartition(settings, { name: 'n', partitions: 1, key: text, value: text }),
  }
  for (const [name, call] of Object.entries(calls)) expect(call).toThrow(`BAD_OPTION: ${name}: ${problem}`)
})

it('Options that need members are refused without them', () => {
  const options = { storage: rxweft.memoryStorage(), threads: 2, onShardFailure: 'end' } as const
  expect(() => rxweft.execute(job, options)).toThrow(
    'BAD_OPTION: execute: threads needs members; onShardFailure needs members',
  )
})

it('A move of slots is refused with members', () => {
  const members = { place: 'the group', open: () => Promise.reject(new Error('never')) } as never
  expect(() => rxweft.execute(job, { storage: rxweft.memoryStorage(), members, rescale: 'at-start' })).toThrow(
    'rescale is for a job of one process',
  )
})

it('A window without a result is refused where the pipeline uses it', () => {
  expect(() => rxweft.window(rxweft.tumbling(5))(nothing)).toThrow(
    'BAD_OPTION: window: the windows have no result (operator window). Add .aggregate(), .reduce() or .process() to window(...)',
  )
})

it('A text that is not allowed is shown only if it can be neither a secret nor data', () => {
  expect(() => kafkaCluster({ brokers: 'hunter2', clientId: '' } as never)).toThrow(
    'brokers is of type string, must be a list of at least one host:port; clientId is "", must be a non-empty string',
  )
})

describe('an option that does not exist', () => {
  it.each(Object.keys(calls))('is refused by %s', (name) => {
    expect(() => calls[name]?.()).toThrow(
      expect.objectContaining({
        consequence: 'fatal',
        message: expect.stringMatching(/there is no option/),
      }),
    )
  })

  it('is refused by crashTest', async () => {
    await expect(crashTest(() => job, { input: {}, sed: 3 } as never)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('did you mean "seed"'),
    })
  })

  it('is refused by runInTime', async () => {
    await expect(runInTime(rxweft.map(f) as never, 'R-a-|', { value: {} } as never)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('did you mean "values"'),
    })
  })

  it('is refused with the name that may have been meant, beside all other problems', () => {
    const wrong = { topic: 't', value: text, compresion: 'zstd', acks: 5, lingr: 3 } as never
    expect(() => kafkaSink(cluster, wrong)).toThrow(
      /BAD_OPTION: kafkaSink: there is no option "compresion", did you mean "compression"; there is no option "lingr", did you mean "linger"; acks is 5, must be 'all' or 1/,
    )
  })
})

it('Options may be undefined, where they exist', () => {
  expect(rxweft.map(f, { onError: undefined })).toBeTypeOf('function')
})

it.each([
  ['compresion', 'compression'],
  ['Topic', 'topic'],
  ['topics', 'topic'],
  ['tpoic', 'topic'],
  ['batchbytes', 'batchBytes'],
  ['tobic', 'topic'],
])('"%s" is likely to mean "%s"', (name, known) => {
  expect(unknownOptions({ [name]: 1 }, ['id', known])).toEqual([
    `there is no option "${name}", did you mean "${known}"`,
  ])
})

it('An option that resembles none is refused with the names of all options', () => {
  expect(unknownOptions({ colour: 1 }, ['id', 'topic'])).toEqual([
    'there is no option "colour", the options are id, topic',
  ])
  expect(optionProblems<object>(null as never, {})).toEqual(['the options are null, not an object'])
  expect(optionProblems<object>('x' as never, {})).toEqual(['the options are of type string, not an object'])
})
