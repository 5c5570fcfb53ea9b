/** Another number of shards while several processes run a job: who lets go, who moves, and who finishes what a dead mover has begun. */
import { describe, expect, it } from 'vitest'
import { FatalError, RetriableError } from '../../../src/errors.ts'
import { type FakeMove, membersGround } from './ground.ts'

const settled = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error) => String(error.code),
  )

describe('a job in several processes that gets another number of shards', () => {
  it('has it when rescale resolves, whichever process was asked', async () => {
    const ground = membersGround(2)
    const [, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    const end = settled(b.handle.rescale(5))
    await ground.pass(5_000)
    expect(await end).toBe('done')
    expect(ground.plan?.owners).toHaveLength(5)
    expect(ground.plan?.moving).toBeUndefined()
    expect(ground.running().match(/\d(?= |,|$)/g)).toHaveLength(5)
    const back = settled(b.handle.rescale(1))
    await ground.pass(5_000)
    expect([await back, ground.running()]).toEqual(['done', expect.stringMatching(/^.1: 0$/)])
  })

  it('lets go of the shards concerned before they move, and of no other', async () => {
    let running = ''
    const move: FakeMove = async (_, { letGo, next, store }) => {
      await letGo()
      running = ground.running()
      const plan = next((await store.read()) as never)
      if (plan !== null) await store.write(plan)
    }
    const ground = membersGround(5, { move })
    const a = ground.start('a1')
    await ground.pass(1_000)
    const before = ground.runs.length
    a.handle.rescale(6)
    await ground.pass(2_000)
    // Of twenty slots the three that the sixth shard gets come from three shards.
    expect(running).toBe('a1: 3 4')
    expect(ground.runs.length).toBe(before + 4)
    expect(ground.running()).toBe('a1: 0 1 2 3 4 5')
  })

  it('is moved once, though the plan that says so has yet to be read', async () => {
    let moves = 0
    const move: FakeMove = async (_, { letGo, next, store }) => {
      moves += 1
      await letGo()
      const plan = next((await store.read()) as never)
      if (plan !== null) await store.write(plan)
    }
    const ground = membersGround(2, { move })
    const a = ground.start('a1')
    await ground.pass(1_000)
    for (const shards of [3, 2]) {
      const end = settled(a.handle.rescale(shards))
      await ground.pass(3_000)
      expect(await end).toBe('done')
    }
    expect(moves).toBe(2)
  })

  it('goes on as before if the move is refused, and says why', async () => {
    const move: FakeMove = async (_, { letGo }) => {
      await letGo()
      throw new FatalError('STATE_HAS_NO_SLOT', 'of a test', { where: { operator: 'counts' }, hint: 'No' })
    }
    const ground = membersGround(2, { move })
    const [a] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    const end = a.handle.rescale(3).catch((error) => error)
    await ground.pass(3_000)
    expect(await end).toMatchObject({ code: 'STATE_HAS_NO_SLOT', consequence: 'fatal' })
    expect((await end).message).toBe('STATE_HAS_NO_SLOT: of a test (operator counts). No')
    expect(ground.running()).toBe('a1: 0, b1: 1')
  })

  it('undoes a move that does not succeed for a minute', async () => {
    const move: FakeMove = async (_, { letGo }) => {
      await letGo()
      throw new RetriableError('STORAGE_IO', 'of a test')
    }
    const ground = membersGround(2, { move })
    const [a] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    const end = settled(a.handle.rescale(3))
    await ground.pass(30_000)
    expect(ground.running()).toBe('')
    await ground.pass(60_000)
    expect([await end, ground.running()]).toEqual(['STORAGE_IO', 'a1: 0, b1: 1'])
  })

  it('has another mover if the first one dies', async () => {
    const movers: string[] = []
    const move: FakeMove = async (_, { letGo, next, process, store }) => {
      movers.push(process.name)
      await letGo()
      await new Promise<void>((resolve) => process.clock.setTimeout(resolve, 1_000))
      const plan = next((await store.read()) as never)
      if (plan !== null) await store.write(plan)
    }
    const ground = membersGround(2, { move })
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    const end = settled(b.handle.rescale(3))
    await ground.pass(500)
    a.kill()
    await ground.pass(2_000)
    expect(ground.plan?.moving).toBeDefined()
    ground.miss('a1')
    await ground.pass(5_000)
    expect([await end, ground.running(), movers]).toEqual(['done', 'b1: 0 1 2', ['a1', 'b1']])
  })

  it('moves without a shard that hangs, once its patience is over', async () => {
    const ground = membersGround(2)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    ground.run('b1', 1).hang()
    const end = settled(a.handle.rescale(3))
    await ground.pass(20_000)
    expect(ground.plan?.moving).toBeDefined()
    await ground.pass(20_000)
    expect(await end).toBe('done')
    expect(ground.running().match(/\d(?= |,|$)/g)).toHaveLength(3)
    expect(b.end).toBeNull()
  })

  it('carries out two requests one after the other', async () => {
    const ground = membersGround(2)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    const ends = Promise.all([settled(a.handle.rescale(3)), settled(b.handle.rescale(4))])
    await ground.pass(10_000)
    expect(await ends).toEqual(['done', 'done'])
    expect([3, 4]).toContain(ground.plan?.owners.length)
    const last = settled(a.handle.rescale(4))
    await ground.pass(5_000)
    expect([await last, ground.plan?.owners.length]).toEqual(['done', 4])
  })

  it('does not count a shard as finished that has got other slots since', async () => {
    const ground = membersGround(2)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    ground.run('a1', 0).finish()
    await ground.pass(1_000)
    a.handle.rescale(3)
    await ground.pass(3_000)
    expect(ground.running().match(/\d(?= |,|$)/g)).toHaveLength(3)
    for (const [shard, owner] of (ground.plan?.owners ?? []).entries())
      if (shard > 0) ground.run(owner as string, shard).finish()
    await ground.pass(3_000)
    expect([a.end, b.end]).toEqual([null, null])
    ground.run(ground.plan?.owners[0] as string, 0).finish()
    await ground.pass(5_000)
    expect([a.end, b.end]).toMatchObject([{ outcome: 'finished' }, { outcome: 'finished' }])
  })

  it('refuses rescale once it has ended', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1')
    await ground.pass(1_000)
    a.handle.stop()
    const end = settled(a.handle.rescale(3))
    await ground.pass(3_000)
    expect(await end).toBe('JOB_NOT_RUNNING')
    expect(await settled(a.handle.rescale(3))).toBe('JOB_NOT_RUNNING')
  })
})
