/** The plan of a job over shards, as its starts write it: the first one, those of an older version, and starts that are refused or killed. */
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/checkpoint/frame.ts'
import { decodeEntry, encodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import { markKey } from '../../src/checkpoint/names.ts'
import type { LedgerEntry } from '../../src/contracts/ledger.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { movedSlots } from '../../src/contracts/slotMoves.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { coreOf, type EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { embeddedPlans } from '../../src/embedded/embeddedPlans.ts'
import { noRestart } from '../../src/job/restart.ts'
import { requested } from '../../src/members/slotMoves.ts'
import { FatalError } from '../../src/openErrors.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { temporaryLog, valuesOf } from '../embedded/temporaryLog.ts'
import { type SpreadOptions, spread, storageOf, until, upper } from './shards/spread.ts'

async function ground() {
  const [log, clock, storage] = [await temporaryLog({ in: 4, out: 4 }), virtualClock(), await storageOf()]
  await feed(log, 'a')
  const run = async (shards: number, options: Partial<SpreadOptions> = {}) => {
    const running = spread(upper(log, 'latest'), { clock, storage, shards, restart: noRestart(), ...options })
    await until(clock, () => running.ended() !== undefined)
    return running.ended()
  }
  return { log, storage, run }
}

async function feed(log: EmbeddedLog, value: string): Promise<void> {
  for (let partition = 0; partition < 4; partition++)
    await log.append('in', [{ value: `${value}${partition}`, partition }])
}

const output = (log: EmbeddedLog) => [0, 1, 2, 3].map((partition) => valuesOf(log, 'out', partition).join(' '))
const planIn = (log: EmbeddedLog) => embeddedPlans(coreOf(log), 'upper').read()

const entriesIn = (log: EmbeddedLog): readonly (LedgerEntry | undefined)[] =>
  [0, 1].map((shard) => {
    const bytes = coreOf(log).tables.ledger.get(['upper', shard])
    return bytes === undefined ? undefined : decodeEntry(bytes, 'the log')
  })

/** Sets the log back to what a version without plans has left: entries of format 1 that count the shards. */
function asOfVersion1(log: EmbeddedLog, shards: readonly number[]): void {
  const { file, tables } = coreOf(log)
  const entries = entriesIn(log)
  file.transact(() => {
    tables.plans.remove(['upper'])
    for (const shard of [0, 1]) {
      const { plan, slots, ...rest } = entries[shard] as LedgerEntry
      const kind = { magic: 'rxweft-ledger', version: 1 } as Parameters<typeof encodeFrame>[0]
      const { bytes } = encodeFrame(kind, {}, Buffer.from(JSON.stringify({ ...rest, shards: 2 })))
      if (shards.includes(shard)) tables.ledger.put(['upper', shard], bytes)
      else tables.ledger.remove(['upper', shard])
    }
  })
}

describe('the plan of a job over shards', () => {
  it('is written with the first entries of all shards, and replaced by each start', async () => {
    const { log, run } = await ground()
    await run(2)
    expect(await planIn(log)).toMatchObject({ number: 1, owners: [expect.any(String), expect.any(String)] })
    expect(entriesIn(log).map((entry) => [entry?.plan, entry?.slots])).toEqual([
      [1, '0-254/2'],
      [1, '1-255/2'],
    ])
    const first = await planIn(log)
    await run(2)
    const second = await planIn(log)
    expect(second).toMatchObject({ number: 2, lineage: first?.lineage, slots: first?.slots })
    expect(second?.owners[0]).not.toBe(first?.owners[0])
    expect(entriesIn(log).map((entry) => entry?.owner)).toEqual(second?.owners)
  })

  it('is not written before the storage has said that it can work', async () => {
    const { log, storage, run } = await ground()
    const away = new FatalError('STORAGE_BUCKET', 'of a test')
    const refusing = { ...storage, ready: () => Promise.reject(away), list: () => Promise.reject(new Error('asked')) }
    expect(await run(2, { storage: refusing })).toMatchObject({ code: 'STORAGE_BUCKET' })
    expect(await planIn(log)).toBeNull()
  })

  it('does not exist for a job of one shard', async () => {
    const { log, run } = await ground()
    await run(1)
    expect(await planIn(log)).toBeNull()
    expect(entriesIn(log)[0]).toMatchObject({ plan: 1 })
    expect(entriesIn(log)[0]).not.toHaveProperty('slots')
  })

  it('begins a new lineage in all shards if the old one is abandoned', async () => {
    const { log, run } = await ground()
    await run(2)
    const lineage = (await planIn(log))?.lineage ?? ''
    await run(2, { abandonLineage: lineage })
    const plan = await planIn(log)
    expect(plan).toMatchObject({ number: 2 })
    expect(plan?.lineage).not.toBe(lineage)
    expect(entriesIn(log).map((entry) => entry?.lineage)).toEqual([plan?.lineage, plan?.lineage])
    expect(output(log)).toEqual(['A0 A0', 'A1 A1', 'A2 A2', 'A3 A3'])
  })

  it('is missed if the entries say that there was one', async () => {
    const { log, run } = await ground()
    await run(2)
    const before = entriesIn(log)
    coreOf(log).file.transact(() => coreOf(log).tables.plans.remove(['upper']))
    expect(await run(2)).toMatchObject({ code: 'LINEAGE_MISMATCH', consequence: 'corrupted' })
    expect(entriesIn(log)).toEqual(before)
    expect(await planIn(log)).toBeNull()
  })

  it('does not let a shard begin anew whose entry is gone', async () => {
    const { log, run } = await ground()
    await run(2)
    coreOf(log).file.transact(() => coreOf(log).tables.ledger.remove(['upper', 1]))
    await feed(log, 'b')
    expect(await run(2)).toMatchObject({ code: 'LINEAGE_MISMATCH', consequence: 'corrupted' })
    expect(entriesIn(log)[1]).toBeUndefined()
  })
})

/** Leaves a move to three shards as members leave it that were all killed: asked for, and its shards let go. */
async function beginMove(log: EmbeddedLog): Promise<Plan> {
  const plan = (await planIn(log)) as Plan
  const asked = requested(plan, { slots: movedSlots(plan.slots, 3), shards: 3 }) as Plan
  await embeddedPlans(coreOf(log), 'upper').write(asked)
  const { file, tables } = coreOf(log)
  const entries = entriesIn(log)
  file.transact(() => {
    for (const [shard, entry] of entries.entries()) {
      const released = { ...(entry as LedgerEntry), plan: asked.number, released: asked.number }
      tables.ledger.put(['upper', shard], encodeEntry(released))
    }
  })
  return asked
}

describe('a move of slots that members have left unfinished', () => {
  it('is undone by a start without members, which goes on with the shards that there were', async () => {
    const { log, run } = await ground()
    await run(2)
    const before = await planIn(log)
    const asked = await beginMove(log)
    expect(asked.owners).toEqual([null, null])
    await feed(log, 'b')
    expect(await run(2)).toMatchObject({ outcome: 'finished' })
    const after = await planIn(log)
    expect(after).toMatchObject({ number: asked.number + 1, lineage: before?.lineage, slots: before?.slots })
    expect(after?.moving).toBeUndefined()
    expect(entriesIn(log).map((entry) => entry?.owner)).toEqual(after?.owners)
    expect(output(log)).toEqual(['A0 B0', 'A1 B1', 'A2 B2', 'A3 B3'])
  })

  it('is made anew by a start without members that wants as many shards', async () => {
    const { log, run } = await ground()
    await run(2)
    const { number } = await beginMove(log)
    await feed(log, 'b')
    expect(await run(3, { rescale: 'at-start' })).toMatchObject({ outcome: 'finished' })
    const after = await planIn(log)
    expect(after).toMatchObject({
      number: number + 1,
      owners: [expect.any(String), expect.any(String), expect.any(String)],
    })
    expect(after?.moving).toBeUndefined()
    expect(output(log)).toEqual(['A0 B0', 'A1 B1', 'A2 B2', 'A3 B3'])
  })
})

describe('a job over shards of an older version', () => {
  it('gets its plan at the next start, and continues where it was', async () => {
    const { log, run } = await ground()
    await run(2)
    asOfVersion1(log, [0, 1])
    await feed(log, 'b')
    expect(await run(2)).toMatchObject({ outcome: 'finished' })
    expect(output(log)).toEqual(['A0 B0', 'A1 B1', 'A2 B2', 'A3 B3'])
    const plan = await planIn(log)
    expect(plan).toMatchObject({ number: 1 })
    expect(entriesIn(log).map((entry) => [entry?.plan, entry?.owner])).toEqual(plan?.owners.map((owner) => [1, owner]))
  })

  it.each([1, 3])('is refused with another number of shards: %i', async (shards) => {
    const { log, run } = await ground()
    await run(2)
    asOfVersion1(log, [0, 1])
    const before = entriesIn(log)
    expect(await run(shards)).toMatchObject({ code: 'SHARDS_CHANGED', consequence: 'fatal' })
    expect(entriesIn(log)).toEqual(before)
    expect(await planIn(log)).toBeNull()
  })

  it('that was killed before a shard of it began lets that shard begin', async () => {
    const { log, run } = await ground()
    await run(2)
    coreOf(log).file.transact(() => undefined)
    asOfVersion1(log, [0])
    await run(2)
    expect(entriesIn(log)[1]).toMatchObject({ plan: 1 })
    expect(output(log)[0]).toBe('A0')
  })

  it('whose shard has begun, and lost its entry, is not started', async () => {
    const { log, storage, run } = await ground()
    await run(2)
    const lineage = (await planIn(log))?.lineage ?? ''
    asOfVersion1(log, [0])
    await storage.put(markKey('upper', { sequence: 1, lineage, kind: 1 }), Buffer.from(''))
    expect(await run(2)).toMatchObject({ code: 'LINEAGE_MISMATCH' })
    expect(entriesIn(log)[1]).toBeUndefined()
  })
})

describe('a first start over shards', () => {
  it('that is refused leaves no plan, no entry and no mark', async () => {
    const { log, storage, run } = await ground()
    expect(await run(5)).toMatchObject({ code: 'TOO_MANY_SHARDS' })
    expect(await planIn(log)).toBeNull()
    expect(entriesIn(log)).toEqual([undefined, undefined])
    expect(await storage.list('')).toEqual([])
  })

  it('that dies at any call of its storage leaves nothing that refuses the next one', async () => {
    let survived = false
    for (let call = 1; !survived; call++) {
      const { log, storage, run } = await ground()
      let left = call
      const mortal = (method: 'put' | 'list') => async (key: string, bytes: Uint8Array) => {
        if (--left === 0) throw new FatalError('DIED', 'here')
        return method === 'list' ? storage.list(key) : storage.put(key, bytes)
      }
      const dying = { ...storage, put: mortal('put'), list: mortal('list') } as CheckpointStorage
      survived = !((await run(2, { storage: dying })) instanceof Error)
      expect(await run(2)).toMatchObject({ outcome: 'finished' })
      expect(output(log)).toEqual(['A0', 'A1', 'A2', 'A3'])
      if (survived) expect(call).toBeGreaterThan(4)
    }
  })
})
