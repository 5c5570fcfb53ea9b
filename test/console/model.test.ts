import { describe, expect, it } from 'vitest'
import { asideList } from '../../src/console/model/asideList.ts'
import { checkpointList } from '../../src/console/model/checkpointList.ts'
import { figuresOf } from '../../src/console/model/figures.ts'
import { incidentList } from '../../src/console/model/incidentList.ts'
import { statusWatch } from '../../src/console/model/jobStatus.ts'
import { marbleTrack } from '../../src/console/model/marbleTrack.ts'
import { pageModel } from '../../src/console/model/pageModel.ts'
import type { Measure, WatchedEvent } from '../../src/console/subject.ts'
import { graph, node, reason, watched } from './watched.ts'

const triggered = (checkpoint: number, shard?: number): WatchedEvent => ({
  ...{ type: 'checkpoint-triggered', checkpoint, final: false },
  ...(shard === undefined ? {} : { shard }),
})
const phases = { barrier: 10, store: 20, commit: 5 }
const committed = (checkpoint: number) => ({ type: 'checkpoint-committed', checkpoint, duration: 35, phases }) as const
const killed: WatchedEvent = { type: 'process-ended', error: reason('SIGKILL') }

describe('the list of checkpoints', () => {
  it('follows one through its phases', () => {
    const list = checkpointList()
    list.tell(triggered(1), 100)
    expect(list.all).toMatchObject([{ number: 1, outcome: 'underway', phase: 'barrier', triggered: 100 }])
    list.tell({ type: 'checkpoint-stored', checkpoint: 1, bytes: 512 }, 130)
    expect(list.all).toMatchObject([{ outcome: 'underway', phase: 'commit', bytes: 512 }])
    list.tell(committed(1), 135)
    expect(list.all).toMatchObject([{ outcome: 'committed', phase: null, duration: 35, phases }])
  })

  it('says why one has failed, and that those beside it end with its attempt', () => {
    const list = checkpointList()
    for (const number of [1, 2]) list.tell(triggered(number), 100)
    list.tell({ type: 'checkpoint-failed', checkpoint: 1, error: reason('STORAGE_IO') }, 150)
    expect(list.all.map(({ outcome }) => outcome)).toEqual(['failed', 'underway'])
    list.tell({ type: 'restarting', error: reason('STORAGE_IO'), delay: 5 }, 151)
    expect(list.all).toMatchObject([
      { outcome: 'failed', reason: { code: 'STORAGE_IO' }, duration: 50 },
      { outcome: 'failed', reason: { code: 'STORAGE_IO' }, duration: 51 },
    ])
  })

  it('lets another shard go on', () => {
    const list = checkpointList()
    list.tell(triggered(4, 0), 100)
    list.tell(triggered(4, 1), 100)
    list.tell({ type: 'restarting', error: reason('X'), delay: 5, shard: 1 }, 101)
    expect(list.all.map(({ outcome }) => outcome)).toEqual(['underway', 'failed'])
  })

  it('does not know the outcome of one whose process was killed, until it is restored or not', () => {
    for (const [restored, outcome] of [
      [7, 'committed'],
      [6, 'failed'],
    ] as const) {
      const list = checkpointList()
      list.tell(triggered(7), 100)
      list.tell(killed, 110)
      expect(list.all).toMatchObject([{ outcome: 'lost', reason: { code: 'SIGKILL' } }])
      list.tell({ type: 'restored', checkpoint: restored }, 200)
      expect(list.all).toMatchObject([{ outcome }])
    }
  })

  it('shows what holds the barrier of a slow one', () => {
    const list = checkpointList()
    list.tell(triggered(1), 0)
    const holding = [{ operator: 'prices', what: '3 calls are in progress' }]
    list.tell({ type: 'checkpoint-slow', checkpoint: 1, elapsed: 30_000, timeout: 60_000, holding }, 30_000)
    expect(list.all).toMatchObject([{ holding }])
    list.tell(committed(1), 31_000)
    expect(list.all).toMatchObject([{ holding: [] }])
  })

  it('is bounded', () => {
    const list = checkpointList()
    for (let number = 1; number <= 1_000; number++) list.tell(triggered(number), number)
    expect(list.all).toHaveLength(60)
    expect(list.all.at(-1)).toMatchObject({ number: 1_000 })
  })
})

describe('the list of incidents', () => {
  it('has each restart with its cause, and when the job ran again', () => {
    const list = incidentList()
    list.tell({ type: 'restarting', error: reason('SINK_DOWN'), delay: 500 }, 1_000)
    list.tell({ type: 'restored', checkpoint: 4 }, 1_700)
    list.tell(killed, 2_000)
    expect(list.all).toMatchObject([
      { kind: 'restart', at: 1_000, reason: { code: 'SINK_DOWN' }, resumed: { at: 1_700, checkpoint: 4 } },
      { kind: 'process', at: 2_000, reason: { code: 'SIGKILL' }, resumed: null },
    ])
    expect(list.restarts).toBe(2)
  })

  it('is bounded, and counts on', () => {
    const list = incidentList()
    for (let at = 0; at < 200; at++) list.tell({ type: 'restarting', error: reason(`E_${at}`), delay: 1 }, at)
    expect([list.all.length, list.restarts, list.all.at(-1)?.reason.code]).toEqual([50, 200, 'E_199'])
  })

  it('names a partition that cannot be read, and what makes a checkpoint slow', () => {
    const list = incidentList()
    const error = Object.assign(new Error('gone'), { ...reason('LEADER_NOT_AVAILABLE') })
    list.tell({ type: 'partition-unavailable', topic: 'orders', partition: 3, error, duration: 5_000 }, 1)
    expect(list.all).toMatchObject([
      { kind: 'notice', reason: { where: 'topic orders, partition 3', what: expect.stringContaining('LEADER_NOT') } },
    ])
  })
})

describe('the state of the job', () => {
  it('keeps the cause of a restart until the state is restored', () => {
    const status = statusWatch(0)
    status.tell({ type: 'restored', checkpoint: 1 }, 10)
    expect(status.now).toMatchObject({ state: 'running', since: 10, reason: null })
    status.tell({ type: 'restarting', error: reason('X'), delay: 500 }, 20)
    expect(status.now).toMatchObject({ state: 'restarting', until: 520, reason: { code: 'X' } })
    status.tell({ type: 'started', attempt: 'a' }, 520)
    expect(status.now).toMatchObject({ state: 'starting', reason: { code: 'X' } })
    status.tell({ type: 'restored', checkpoint: 1 }, 600)
    expect(status.now).toMatchObject({ state: 'running', since: 600, reason: null })
  })

  it('is that of the worst shard', () => {
    const status = statusWatch(0)
    for (const shard of [0, 1, 2]) status.tell({ type: 'restored', checkpoint: 1, shard }, 10)
    status.tell({ type: 'restarting', error: reason('X'), delay: 500, shard: 1 }, 20)
    expect(status.now).toMatchObject({ state: 'restarting', shards: { all: 3, running: 2 } })
  })

  it('is down once the process has ended, and no longer once another one starts', () => {
    const status = statusWatch(0)
    status.tell({ type: 'restored', checkpoint: 1 }, 10)
    status.tell(killed, 20)
    expect(status.now).toMatchObject({ state: 'down', reason: { code: 'SIGKILL' } })
    status.tell({ type: 'started', attempt: 'a' }, 30)
    expect(status.now.state).toBe('starting')
  })

  it('does not call a failed job stopped, and stays failed', () => {
    const status = statusWatch(0)
    status.stopping(true)
    status.tell({ type: 'failed', error: reason('BROKEN') }, 20)
    expect(status.now).toMatchObject({ state: 'failed', reason: { code: 'BROKEN' } })
  })
})

describe('records set aside', () => {
  it('are counted by operator, with the error of the first skipped one', () => {
    const list = asideList()
    list.tell({ type: 'record-skipped', operator: 'counts', error: reason('OPERATOR_FAILED') as never })
    list.tell({ type: 'bad-records', checkpoint: 1, skipped: 2, deadLetters: 1 })
    list.tell({ type: 'bad-records', checkpoint: 2, skipped: 1, deadLetters: 0 })
    list.tell({ type: 'late-records', checkpoint: 2, operators: { windows: 4 } })
    expect(list.all).toMatchObject([
      { operator: 'counts', reason: { code: 'OPERATOR_FAILED' } },
      { operator: '', skipped: 3, deadLetters: 1 },
      { operator: 'windows', late: 4 },
    ])
  })
})

const value = (name: Measure['name'], of: Measure['labels'], amount: number): Measure => ({
  name,
  labels: of,
  value: amount,
})

describe('figures', () => {
  const labelled = (records: number) => [
    value('source.records', { source: 'in', shard: '0' }, records),
    value('source.records', { source: 'in', shard: '1' }, records * 3),
    value('source.lag', { source: 'in', topic: 't', partition: '0' }, 5),
    value('source.lag', { source: 'in', topic: 't', partition: '1' }, 50),
    value('source.watermark.delay', { source: 'in' }, 2.5),
    value('operator.blocking', { operator: 'out' }, records / 1e3),
    value('state.entries', { operator: 'counts', table: 'a' }, 7),
    value('state.bytes', { operator: 'counts', table: 'a' }, 70),
  ]

  it('are rates of all shards, with lag, watermark, back-pressure and state', () => {
    const figures = figuresOf(graph, { at: 2_000, values: labelled(600) }, { at: 1_000, values: labelled(100) })
    expect(figures.nodes.in).toMatchObject({ rate: 2_000, lag: 55, watermarkDelay: 2_500, pressure: null })
    expect(figures.nodes.out).toMatchObject({ pressure: 0.5, rate: null })
    expect(figures.nodes.counts).toMatchObject({ stateEntries: 7, stateBytes: 70 })
    expect(figures.partitions.map(({ partition, lag }) => [partition, lag])).toEqual([
      [1, 50],
      [0, 5],
    ])
  })

  it('are those of the slowest shard where shards do not add up', () => {
    const values = ['0', '1', '2'].flatMap((shard) => [
      value('operator.watermark.delay', { operator: 'counts', shard }, 4 - Math.abs(Number(shard) - 1)),
      value('operator.barrier', { operator: 'counts', shard }, Number(shard)),
    ])
    const { nodes } = figuresOf(graph, { at: 1, values }, null)
    expect(nodes.counts).toMatchObject({ watermarkDelay: 4_000, barrier: 2_000 })
  })

  it('are unknown rather than zero at the first reading, and never negative after a restart', () => {
    expect(figuresOf(graph, { at: 2_000, values: labelled(600) }, null).nodes.in?.rate).toBeNull()
    const after = figuresOf(graph, { at: 2_000, values: labelled(10) }, { at: 1_000, values: labelled(600) })
    expect(after.nodes.in?.rate).toBe(40)
    expect(figuresOf(graph, { at: 1, values: [] }, null).nodes.in).toMatchObject({ lag: null, rate: null })
  })
})

describe('marbles', () => {
  const reading = (at: number, records: number, watermark: number) => ({
    at,
    values: [
      value('source.records', { source: 'in' }, records),
      value('source.watermark', { source: 'in' }, watermark),
    ],
  })

  it('are the records of each slot, with the moves of the watermark', () => {
    const track = marbleTrack(graph)
    for (const [at, records, mark] of [
      [0, 10, 1],
      [500, 10, 1],
      [1_000, 13, 2],
      [1_500, 2, 2],
    ] as const)
      track.add(reading(at, records, mark))
    expect(track.now.records.in).toEqual([0, 3, 2])
    expect(track.now.watermarks.in).toEqual([false, true, false])
    expect(track.now.records.out).toEqual([-1, -1, -1])
    expect(track.now.times).toEqual([500, 1_000, 1_500])
  })

  it('are bounded, and begin anew after a pause', () => {
    const track = marbleTrack(graph)
    for (let at = 0; at < 1_000; at++) track.add(reading(at * 500, at, 0))
    expect(track.now.times).toHaveLength(60)
    track.clear()
    track.add(reading(900_000, 5_000_000, 0))
    expect(track.now.times).toEqual([])
  })
})

describe('the graph of the page', () => {
  it('has dead letters at its end, to which no way leads', () => {
    const letters = { ...node, name: 'dead', role: 'sink', kind: 'dead letters' } as const
    const { subject } = watched({ graph: { ...graph, nodes: [letters, ...graph.nodes] } })
    const nodes = pageModel(subject, 0).part('graph').nodes
    expect(nodes.map(({ name, column, row }) => [name, column, row])).toEqual([
      ['in', 0, 0],
      ['counts', 1, 0],
      ['out', 2, 0],
      ['dead', 2, 1],
    ])
  })
})
