import { describe, expect, it } from 'vitest'
import type { SaidRecord } from '../../../src/contracts/members.ts'
import { type SimulatedMember, withMembers } from './simulatedMembers.ts'

const all = (members: readonly SimulatedMember[], alive: string) => () => members.every((one) => one.alive() === alive)

const said = (checkpoint: number): SaidRecord => ({
  state: 'running',
  plan: 0,
  shards: { 3: { doing: 'running', checkpoint, plan: 1 } },
})

describe('members of a job', () => {
  it('find each other, and one of them leads', () =>
    withMembers(async ({ start, until }) => {
      const members = [await start('a1'), await start('b1'), await start('c1')]
      await until(all(members, 'a1 b1 c1'))
      expect(members.filter(({ membership }) => membership.leads)).toHaveLength(1)
      expect(members.map(({ membership }) => membership.groupMember)).not.toContain(null)
      expect(members.flatMap(({ lost }) => lost)).toEqual([])
    }))

  it('know within a second of a newcomer', () =>
    withMembers(async ({ start, until }) => {
      const a = await start('a1')
      await until(all([a], 'a1'))
      const b = await start('b1')
      expect(await until(all([a, b], 'a1 b1'))).toBeLessThan(1_000)
    }))

  it('miss a killed one after its session, and at once if another one evicts it', () =>
    withMembers(async ({ start, until, settled }) => {
      const [a, b, c] = [await start('a1'), await start('b1'), await start('c1')]
      await until(all([a, b, c], 'a1 b1 c1'))
      c.kill()
      const missed = await until(all([a, b], 'a1 b1'))
      expect(missed).toBeGreaterThan(9_000)
      expect(missed).toBeLessThan(11_500)
      const id = b.membership.groupMember as string
      b.kill()
      await settled(a.membership.evict([id]))
      expect(await until(all([a], 'a1'))).toBeLessThan(1_000)
    }))

  it('have a restarted process back without waiting for the session of its dead predecessor', () =>
    withMembers(async ({ start, until, settled }) => {
      const [a, b] = [await start('a1'), await start('b1')]
      await until(all([a, b], 'a1 b1'))
      const id = b.membership.groupMember as string
      b.kill()
      const back = await start('b2')
      await settled(back.membership.evict([id]))
      expect(await until(all([a, back], 'a1 b2'))).toBeLessThan(1_500)
    }))

  it('take back one that was frozen and thrown out', () =>
    withMembers(async ({ start, until, pass }) => {
      const [a, b] = [await start('a1'), await start('b1')]
      await until(all([a, b], 'a1 b1'))
      b.process.pause()
      await until(all([a], 'a1'))
      await pass(20_000)
      b.process.wake()
      expect(b.membership.leads).toBe(false)
      expect(await until(all([a, b], 'a1 b1'))).toBeLessThan(3_000)
    }))

  it('hear no leader that has slept through its session', () =>
    withMembers(async ({ start, until }) => {
      const members = [await start('a1'), await start('b1')]
      await until(all(members, 'a1 b1'))
      const leader = members.find(({ membership }) => membership.leads) as SimulatedMember
      const other = members.find((one) => one !== leader) as SimulatedMember
      leader.process.pause()
      await until(() => other.membership.leads)
      expect(leader.membership.leads).toBe(false)
    }))

  it('are gone within a heartbeat when they leave, with their record', () =>
    withMembers(async ({ start, until, pass, settled }) => {
      const [a, b] = [await start('a1'), await start('b1')]
      await until(all([a, b], 'a1 b1'))
      await until(() => a.membership.records.has('b1'))
      await settled(b.membership.leave())
      expect(await until(all([a], 'a1'))).toBeLessThan(1_000)
      await pass(10_000)
      expect(a.membership.records.has('b1')).toBe(false)
    }))

  it('are not alive any more for those who have heard that they have left, whatever round the group is in', () =>
    withMembers(async ({ start, until, settled }) => {
      const [a, b] = [await start('a1'), await start('b1')]
      await until(all([a, b], 'a1 b1'))
      await until(() => a.membership.records.has('b1'))
      const left = b.membership.leave()
      await until(() => !a.membership.records.has('b1'))
      expect(a.alive()).toBe('a1')
      await settled(left)
    }))

  it('come through moves of the coordinator, and through times without one', () =>
    withMembers(async ({ start, until, pass, brokers, reachable }) => {
      const members = [await start('a1'), await start('b1'), await start('c1')]
      await until(all(members, 'a1 b1 c1'))
      for (let move = 0; move < 5; move++) {
        brokers.shared.controller.moveCoordinator('group rxweft/words')
        await pass(700)
      }
      await until(all(members, 'a1 b1 c1'))
      reachable(false)
      await pass(2_000)
      reachable(true)
      await until(all(members, 'a1 b1 c1'))
      await pass(5_000)
      expect(members.filter(({ membership }) => membership.leads)).toHaveLength(1)
    }))

  it('say that the group is lost, and that it is back, and know each other all the while', () =>
    withMembers(async ({ start, until, brokers }) => {
      const a = await start('a1')
      await until(all([a], 'a1'))
      const { moods } = brokers.shared
      moods.rates.refuse = 1
      await until(() => a.lost.length > 0)
      expect(a.alive()).toBe('a1')
      expect(a.membership.leads).toBe(false)
      moods.rates.refuse = 0
      await until(() => a.lost.length > 1)
      expect(a.lost[1]).toBeNull()
      await until(() => a.membership.leads)
    }))

  it('find each other whatever the network does', () =>
    withMembers(async ({ start, until, pass, rates, brokers }) => {
      const members = [await start('a1'), await start('b1'), await start('c1')]
      Object.assign(rates, { loseRequest: 0.05, loseAnswer: 0.05, late: 0.05, slow: 0.1 })
      brokers.shared.moods.rates.refuse = 0.1
      brokers.shared.moods.rates.lie = 0.05
      await pass(60_000)
      Object.assign(rates, { loseRequest: 0, loseAnswer: 0, late: 0, slow: 0 })
      Object.assign(brokers.shared.moods.rates, { refuse: 0, lie: 0 })
      await until(all(members, 'a1 b1 c1'))
      await pass(30_000)
      expect(members.map((one) => one.alive())).toEqual(['a1 b1 c1', 'a1 b1 c1', 'a1 b1 c1'])
    }))
})

describe('records of members', () => {
  it('are heard by everybody, the newest at once and the others within seconds', () =>
    withMembers(async ({ start, until }) => {
      const [a, b] = [await start('a1'), await start('b1')]
      await until(() => b.membership.records.has('a1') && a.membership.records.has('b1'))
      a.membership.say(said(7))
      const heard = await until(() => b.membership.records.get('a1')?.shards[3]?.checkpoint === 7)
      expect(heard).toBeLessThan(500)
      expect(b.membership.records.get('a1')).toMatchObject({ member: 'a1', instance: 'a', threads: 1 })
      const c = await start('c1')
      await until(() => c.membership.records.get('a1')?.shards[3]?.checkpoint === 7)
    }))

  it('that were there before may be the last words of the dead, until their member is heard again', () =>
    withMembers(async ({ start, until }) => {
      const [a, b] = [await start('a1'), await start('b1')]
      await until(() => a.membership.records.get('b1')?.live === true)
      b.membership.say({ ...said(1), state: 'stopping' })
      await until(() => a.membership.records.get('b1')?.state === 'stopping')
      b.kill()
      const c = await start('c1')
      await until(() => c.membership.records.has('a1') && c.membership.records.has('b1'))
      expect(c.membership.records.get('b1')).toMatchObject({ state: 'stopping', live: false })
      await until(() => c.membership.records.get('a1')?.live === true)
      expect(c.membership.records.get('b1')?.live).toBe(false)
      expect(a.membership.records.get('b1')?.live).toBe(true)
    }))

  it('that cannot be written for five seconds are told of once, and so is the end of that', () =>
    withMembers(async ({ start, until, pass, brokers }) => {
      const a = await start('a1')
      await until(() => a.membership.records.has('a1'))
      const { moods } = brokers.shared
      moods.rates.refuse = 1
      await pass(4_000)
      expect(a.unheard).toEqual([])
      await pass(8_000)
      expect(a.unheard).toHaveLength(1)
      await pass(60_000)
      expect(a.unheard.length).toBeLessThanOrEqual(2)
      expect(a.unheard).not.toContain(null)
      const before = a.unheard.length
      moods.rates.refuse = 0
      await until(() => a.unheard.length === 2 * before)
      expect(a.unheard.slice(before)).toEqual(a.unheard.slice(before).map(() => null))
    }))

  it('are written at most four times a second, and each five seconds', () =>
    withMembers(async ({ start, until, pass, brokers }) => {
      const a = await start('a1')
      await until(() => a.membership.records.has('a1'))
      const records = (): number => brokers.shared.topology.find('rxweft-words-plan', 1)?.log.batches.length ?? 0
      const before = records()
      for (let step = 0; step < 100; step++) {
        a.membership.say(said(step))
        await pass(20)
      }
      expect(records() - before).toBeGreaterThanOrEqual(6)
      expect(records() - before).toBeLessThanOrEqual(9)
      await pass(500)
      const then = records()
      await pass(20_000)
      expect(records() - then).toBeGreaterThanOrEqual(3)
      expect(records() - then).toBeLessThanOrEqual(4)
    }))
})
