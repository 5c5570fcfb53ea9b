/** A job with and without `members`, one after the other, over simulated brokers: what is refused, what is taken over, and what is left as it was. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { RunningJob } from '../../../src/job/jobHandle.ts'
import { withAmbient } from '../core/ambient.ts'
import { simulatedProcess } from '../core/process.ts'
import { seededRandom } from '../core/random.ts'
import { loadRxweft } from '../core/rxweft.ts'
import { definitionOf } from '../job/owner.ts'
import { endOf } from '../job/ownerEnd.ts'
import { simulatedCluster } from '../network/cluster.ts'
import { noFaults } from '../network/faultRates.ts'
import { world as makeWorld, type World } from '../world.ts'
import { memberNode } from './memberNode.ts'
import { type MembersConfig, membersConfig } from './membersConfig.ts'
import { steadyFeed } from './steadyFeed.ts'

/** @param shards of the members */
async function play(shards: number, act: (ground: ReturnType<typeof groundOf>) => Promise<void>): Promise<void> {
  const random = seededRandom(7)
  const config: MembersConfig = {
    ...membersConfig(random),
    ...{ shardCount: shards, shards: [shards], partitions: 4, instances: ['a', 'b'], threads: [1, 1], inline: 16_384 },
  }
  const rxweft = await loadRxweft()
  const chances = { random, clocks: random, disasters: random }
  const world = makeWorld(rxweft, config, chances, false)
  await withAmbient(random, world.agenda, async () => {
    steadyFeed(world)
    await act(groundOf(world, config))
  })
}

function groundOf(world: World, config: MembersConfig) {
  const { rxweft, agenda, brokers, disk } = world

  /** Without members: a plain job if it has one shard. */
  function plain(shards: number) {
    const process = simulatedProcess('plain', agenda)
    const cluster = simulatedCluster({
      ...{ rxweft, brokers, process, rates: noFaults, aimed: new Map(), reaches: () => true },
      ...{ requestTimeout: 5_000, transactionVersion: 2 },
    })
    const job = definitionOf(world, cluster, undefined)
    const settings = {
      ...{ clock: process.clock, shards, storage: { ...disk.storageFor(process), shared: true } },
      checkpointing: { interval: 500, timeout: 3_000 },
      restart: rxweft['job/restart'].exponentialDelay({ initial: 10, max: 200 }),
    }
    const execution = randomUUID()
    const start = (shard: number, plan: Plan) =>
      rxweft['job/execution'].execution(job, settings, { execution, shard, shards, plan })
    const planned = () => rxweft['job/planning'].planning(job, settings, { execution, shards })
    const handle: RunningJob =
      shards === 1
        ? rxweft['job/execute'].execute(job, settings)
        : rxweft['job/shards/main/overShards'].overShards(shards, planned, { start })
    const end = endOf(handle, process)
    return {
      execution,
      get end() {
        return end()
      },
      kill: () => process.kill(),
    }
  }

  const member = (instance: string) =>
    memberNode(world, config, { name: instance, instance, rates: noFaults, heard: () => undefined })
  const owners = (since = 0) => new Set(world.decisions.slice(since).map(({ entry }) => entry.owner))
  return {
    ...{ plain, member, owners, world },
    pass: async (ms: number) => void (await agenda.runUntil(() => false, agenda.now() + ms)),
    until: (is: () => boolean) => agenda.runUntil(is, agenda.now() + 60_000),
  }
}

describe('a job with several shards that is started without `members`', () => {
  it('is refused beside living members, and nothing is written; once they are dead it takes everything over', () =>
    play(2, async ({ plain, member, owners, world, pass, until }) => {
      const [a, b] = [member('a'), member('b')]
      await pass(15_000)
      const plans = world.plans.length
      const refused = plain(2)
      await until(() => refused.end !== null)
      expect(refused.end).toMatchObject({
        error: {
          ...{ code: 'JOB_HAS_MEMBERS', consequence: 'fatal' },
          message: expect.stringContaining('the job runs in "a", "b"'),
        },
      })
      expect(world.plans).toHaveLength(plans)
      expect(owners().has(refused.execution)).toBe(false)
      const before = world.decisions.length
      await pass(5_000)
      expect(owners(before)).toEqual(new Set([a.member, b.member]))
      a.kill()
      b.kill()
      const early = plain(2)
      await until(() => early.end !== null)
      expect(early.end).toMatchObject({ error: { code: 'JOB_HAS_MEMBERS' } })
      await pass(config(world).sessionTimeout)
      const late = plain(2)
      await pass(5_000)
      expect(late.end).toBeNull()
      expect(world.decisions.at(-1)?.entry.owner).toBe(late.execution)
    }))

  it('gives its shards to members that come later, with the same number of shards', () =>
    play(2, async ({ plain, member, owners, world, pass, until }) => {
      const before = plain(2)
      await pass(5_000)
      expect(owners()).toEqual(new Set([before.execution]))
      const a = member('a')
      await until(() => before.end !== null)
      expect(before.end).toMatchObject({ error: { code: 'OWNED_BY_ANOTHER' } })
      await pass(5_000)
      const count = world.decisions.length
      await pass(5_000)
      expect(owners(count)).toEqual(new Set([a.member]))
      expect(a.end).toBeNull()
    }))
})

describe('a job of one shard without a plan', () => {
  it.each([
    [1, 'the job was run with `members`, but was started without'],
    [2, 'the job has 2 shards, but was started with 1'],
  ])('is refused where members run the job in %i, before it writes anything', (shards, what) =>
    play(shards, async ({ plain, member, owners, world, pass, until }) => {
      const a = member('a')
      await pass(15_000)
      const single = plain(1)
      await until(() => single.end !== null)
      expect(single.end).toMatchObject({ error: { code: 'SHARDS_CHANGED', consequence: 'fatal', what } })
      const count = world.decisions.length
      await pass(5_000)
      expect(owners(count)).toEqual(new Set([a.member]))
    }),
  )

  it('goes on under a plan once it is started with members and one shard', () =>
    play(1, async ({ plain, member, world, pass }) => {
      const before = plain(1)
      await pass(5_000)
      const checkpoint = world.decisions.at(-1)?.entry.checkpoint ?? 0
      before.kill()
      const a = member('a')
      await pass(15_000)
      const last = world.decisions.at(-1)?.entry
      expect(last).toMatchObject({ owner: a.member, slots: expect.any(String) })
      expect(last?.checkpoint).toBeGreaterThan(checkpoint)
      expect(last?.lineage).toBe(world.decisions[0]?.entry.lineage)
    }))

  it('cannot get more shards from members: that is told before anything is written', () =>
    play(2, async ({ plain, member, world, pass, until }) => {
      const before = plain(1)
      await pass(5_000)
      const a = member('a')
      await until(() => a.end !== null)
      expect(a.end).toMatchObject({
        error: { code: 'SHARDS_CHANGED', what: 'the job has 1 shard, but was started with 2' },
      })
      const count = world.decisions.length
      await pass(5_000)
      expect(before.end).toBeNull()
      expect(world.decisions.length).toBeGreaterThan(count)
      expect(world.plans).toHaveLength(0)
    }))
})

const config = (world: World) => world.config as MembersConfig
