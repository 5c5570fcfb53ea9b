import { Buffer } from 'node:buffer'
import { open } from 'lmdb'
import { describe, expect, it } from 'vitest'
import type { LedgerEntry } from '../../src/contracts/ledger.ts'
import { embeddedLedger, embeddedSession } from '../../src/embedded/embeddedLedger.ts'
import { coreOf, type EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import type { StagedWrites } from '../../src/embedded/stagedWrites.ts'
import { rejectionOf, thrownBy } from '../../tools/support/thrown.ts'
import { openLog, temporaryLog, valuesOf } from './temporaryLog.ts'

const entry = (checkpoint: number, owner = 'me'): LedgerEntry => ({
  lineage: 'b7c1',
  checkpoint,
  owner,
  snapshot: null,
  positions: [{ source: 's', splits: [{ topic: 'in', partition: 0, offset: checkpoint }] }],
  handles: {},
})

/** @param heldBytes what the sink keeps in memory before it stages */
const session = (log: EmbeddedLog, job = 'job', heldBytes = 1_000_000) =>
  embeddedSession(coreOf(log), { job, shard: 0, probe: () => undefined }, heldBytes)

async function fenced(log: EmbeddedLog, job?: string, heldBytes?: number) {
  const opened = session(log, job, heldBytes)
  await opened.fence()
  return opened
}

function write(log: EmbeddedLog, into: StagedWrites, ...values: string[]): void {
  const topic = coreOf(log).topic('out')
  for (const value of values) into.add(topic, 0, 0, null, Buffer.from(value), [])
}

const staged = (log: EmbeddedLog) =>
  coreOf(log)
    .tables.staged.range([''], ['\uffff'])
    .map(({ key }) => key)

const batches = (log: EmbeddedLog): number => coreOf(log).tables.batches.range([0], [Number.MAX_SAFE_INTEGER]).length

describe('the ledger in an embedded log', () => {
  it('is one for all sinks on the log, and says where it is', async () => {
    const log = await temporaryLog()
    expect(embeddedLedger(coreOf(log))).toBe(embeddedLedger(coreOf(log)))
    expect(embeddedLedger(coreOf(log)).place).toContain(log.file)
  })

  it('has no entry at first', async () => {
    const log = await temporaryLog()
    expect(await session(log).read()).toBeNull()
    expect(await session(log).fence()).toBeNull()
  })

  it('has the entry that was committed last, for every session and every process', async () => {
    const log = await temporaryLog()
    const one = await fenced(log)
    for (const checkpoint of [0, 1, 2]) await one.commit(entry(checkpoint), checkpoint === 0)
    expect(await session(log).read()).toEqual(entry(2))
    expect(await session(openLog(log.file)).fence()).toEqual(entry(2))
  })

  it('keeps jobs apart', async () => {
    const log = await temporaryLog()
    const [a, ab] = [await fenced(log, 'a'), await fenced(log, 'a-b')]
    await a.commit(entry(1), false)
    await ab.commit(entry(2), false)
    expect(await session(log, 'a').read()).toEqual(entry(1))
    expect(await session(log, 'a-b').read()).toEqual(entry(2))
  })

  it('takes no commit from a session that has not fenced, has failed, or is closed', async () => {
    const log = await temporaryLog()
    const one = session(log)
    expect(await rejectionOf(one.commit(entry(1), false))).toMatchObject({ code: 'LEDGER_NOT_FENCED' })
    await one.fence()
    expect(await rejectionOf(one.commit({ ...entry(1), lineage: '' }, false))).toMatchObject({
      code: 'LEDGER_ENTRY_INVALID',
    })
    expect(await rejectionOf(one.commit(entry(1), false))).toMatchObject({ code: 'LEDGER_NOT_FENCED' })
    await one.fence()
    await one.close()
    expect(await rejectionOf(one.commit(entry(1), false))).toMatchObject({ code: 'LEDGER_NOT_FENCED' })
    expect(await rejectionOf(one.fence())).toMatchObject({ code: 'LEDGER_NOT_FENCED' })
    expect(await session(log).read()).toBeNull()
  })

  it('takes no commit from a session that another one has fenced, in whatever process', async () => {
    const log = await temporaryLog({ out: 1 })
    const zombie = await fenced(log)
    const outbox = zombie.enlist()
    write(log, outbox, 'zombie')
    outbox.seal(1)
    await fenced(openLog(log.file))
    expect(await rejectionOf(zombie.commit(entry(1), false))).toMatchObject({
      code: 'LEDGER_OVERTAKEN',
      consequence: 'fenced',
    })
    expect(await session(log).read()).toBeNull()
    expect(valuesOf(log, 'out')).toEqual([])
  })

  it('is not believed when it is damaged', async () => {
    const log = await temporaryLog()
    await (await fenced(log)).commit(entry(1), false)
    await log.close()
    const root = open({ path: log.file, noSubdir: true, overlappingSync: false })
    const table = root.openDB<Buffer, (string | number)[]>('ledger', { encoding: 'binary' })
    const bytes = Buffer.from(table.get(['job', 0]) as Buffer)
    bytes[bytes.length - 5] = 0
    await table.put(['job', 0], bytes)
    await root.close()
    expect(await rejectionOf(session(openLog(log.file)).fence())).toMatchObject({
      code: 'LEDGER_DAMAGED',
      consequence: 'corrupted',
    })
  })
})

describe('what a sink writes to an embedded log', () => {
  it('is there with the entry that decides it, and not before', async () => {
    const log = await temporaryLog({ out: 1 })
    const one = await fenced(log)
    const outbox = one.enlist()
    write(log, outbox, 'a', 'b')
    outbox.seal(1)
    write(log, outbox, 'c')
    expect(valuesOf(log, 'out')).toEqual([])
    await one.commit(entry(1), false)
    expect(valuesOf(log, 'out')).toEqual(['a', 'b'])
    outbox.seal(2)
    await one.commit(entry(2), false)
    expect(valuesOf(log, 'out')).toEqual(['a', 'b', 'c'])
  })

  it('belongs to its checkpoint, also when two are prepared', async () => {
    const log = await temporaryLog({ out: 1 })
    const one = await fenced(log)
    const outbox = one.enlist()
    write(log, outbox, 'a')
    outbox.seal(1)
    write(log, outbox, 'b')
    outbox.seal(2)
    await one.commit(entry(1), false)
    expect(valuesOf(log, 'out')).toEqual(['a'])
    await one.commit(entry(2), false)
    expect(valuesOf(log, 'out')).toEqual(['a', 'b'])
  })

  it('of several sinks is one transaction', async () => {
    const log = await temporaryLog({ out: 1 })
    const one = await fenced(log)
    const [left, right] = [one.enlist(), one.enlist()]
    write(log, left, 'left')
    write(log, right, 'right')
    left.seal(1)
    expect(await rejectionOf(one.commit(entry(1), false))).toMatchObject({ code: 'CHECKPOINT_NOT_PREPARED' })
    expect(valuesOf(log, 'out')).toEqual([])
    await one.fence()
    right.seal(1)
    await one.commit(entry(1), false)
    expect(valuesOf(log, 'out')).toEqual(['left', 'right'])
  })

  it('is not written by a takeover', async () => {
    const log = await temporaryLog({ out: 1 })
    const one = await fenced(log)
    const outbox = one.enlist()
    write(log, outbox, 'a')
    outbox.seal(1)
    await one.commit(entry(1), true)
    expect(valuesOf(log, 'out')).toEqual([])
  })

  it('follows what others have appended in the meantime', async () => {
    const log = await temporaryLog({ out: 1 })
    const one = await fenced(log)
    const outbox = one.enlist()
    write(log, outbox, 'a')
    outbox.seal(1)
    await log.append('out', [{ value: 'x' }])
    await one.commit(entry(1), false)
    await log.append('out', [{ value: 'y' }])
    expect(valuesOf(log, 'out')).toEqual(['x', 'a', 'y'])
  })

  it('is staged in the file if it is much, and comes out in its order', async () => {
    const log = await temporaryLog({ out: 1 })
    const one = await fenced(log, 'job', 1_000)
    const outbox = one.enlist()
    const values = Array.from({ length: 200 }, (_, at) => `value ${at} of many`)
    write(log, outbox, ...values.slice(0, 120))
    outbox.seal(1)
    write(log, outbox, ...values.slice(120))
    expect(staged(log).length).toBeGreaterThan(2)
    expect(valuesOf(log, 'out')).toEqual([])
    await one.commit(entry(1), false)
    expect(valuesOf(log, 'out')).toEqual(values.slice(0, 120))
    outbox.seal(2)
    await one.commit(entry(2), false)
    expect(valuesOf(log, 'out')).toEqual(values)
    expect(staged(log)).toEqual([])
  })

  it('is not staged if each checkpoint is little, however many there are', async () => {
    const log = await temporaryLog({ out: 1 })
    const one = await fenced(log, 'job', 100)
    const outbox = one.enlist()
    for (let checkpoint = 1; checkpoint <= 20; checkpoint++) {
      write(log, outbox, `value ${checkpoint}`)
      outbox.seal(checkpoint)
      expect(staged(log)).toEqual([])
      await one.commit(entry(checkpoint), false)
    }
    expect(valuesOf(log, 'out')).toHaveLength(20)
  })

  it('and has staged is dropped by the next fence, and only that of its own job', async () => {
    const log = await temporaryLog({ out: 1 })
    const [mine, other] = [await fenced(log, 'job', 10), await fenced(log, 'job-2', 10)]
    const [outbox, others] = [mine.enlist(), other.enlist()]
    write(log, outbox, 'dropped for good')
    write(log, others, 'to be committed')
    others.seal(1)
    await fenced(log, 'job')
    expect(staged(log).map(([job]) => job)).toEqual(['job-2'])
    expect(batches(log)).toBe(1)
    await other.commit(entry(1), false)
    expect(valuesOf(log, 'out')).toEqual(['to be committed'])
  })

  it('cannot be staged by a session that was fenced', async () => {
    const log = await temporaryLog({ out: 1 })
    const outbox = (await fenced(log, 'job', 10)).enlist()
    await fenced(log)
    expect(thrownBy(() => write(log, outbox, 'more than ten bytes'))).toMatchObject({ code: 'LEDGER_OVERTAKEN' })
    expect(staged(log)).toEqual([])
    expect(batches(log)).toBe(0)
  })

  it('is undone with its entry if the last step fails', async () => {
    const log = await temporaryLog({ out: 1 })
    const broken = () => {
      throw new Error('probe')
    }
    const one = embeddedSession(coreOf(log), { job: 'job', shard: 0, probe: broken }, 35)
    await one.fence()
    const outbox = one.enlist()
    write(log, outbox, 'more than ten bytes', 'x')
    outbox.seal(1)
    expect(await rejectionOf(one.commit(entry(1), false))).toMatchObject({ code: 'LOG_NOT_WRITTEN' })
    expect(valuesOf(log, 'out')).toEqual([])
    expect(await session(log).read()).toBeNull()
    expect(staged(log)).toHaveLength(1)
    await one.fence()
    expect(staged(log)).toEqual([])
  })
})
