/** What the conformance scripts cannot try on a broker of the tests: its first rounds wait for nobody, and there is only one. */
import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import type { JoinedGroup } from '../../src/kafka/protocol/joinGroup.ts'
import { groupCoordinator } from './broker/groupCoordinator.ts'
import { agenda } from './core/agenda.ts'

function started(initialDelay = 3_000) {
  const time = agenda()
  let count = 0
  const group = groupCoordinator({ agenda: time, initialDelay, newMemberId: () => `m${++count}` })
  const answers: JoinedGroup[] = []
  const args = (memberId: string) => ({
    ...{ groupId: 'g', sessionTimeout: 10_000, rebalanceTimeout: 10_000, memberId },
    ...{ protocolType: 'rxweft', protocolName: 'rxweft-1', metadata: Buffer.from(memberId) },
  })
  const join = (memberId: string): void => group.join(args(memberId), (answer) => answers.push(answer))
  const enter = (): string => {
    join('')
    const { memberId = '' } = answers.pop() ?? {}
    join(memberId)
    return memberId
  }
  const pass = (ms: number) => time.runUntil(() => false, time.now() + ms)
  return { group, answers, join, enter, pass }
}

describe('the simulated group coordinator', () => {
  it('waits for newcomers in the first round, longer with each one', async () => {
    const { answers, enter, pass } = started()
    enter()
    await pass(2_900)
    enter()
    await pass(200)
    expect(answers).toEqual([])
    await pass(3_000)
    expect(answers.map(({ errorCode, generation, leader }) => [errorCode, generation, leader])).toEqual([
      [0, 1, 'm1'],
      [0, 1, 'm1'],
    ])
  })

  it('knows after a move who was there when the last round ended, and nothing of the round under way', () => {
    const { group, answers, enter, join } = started(0)
    const a = enter()
    group.sync({ groupId: 'g', memberId: a, generation: 1, assignments: [], rebalanceTimeout: 1 }, () => undefined)
    const b = enter()
    expect(group.heartbeat({ groupId: 'g', memberId: a, generation: 1 })).toBe(27)
    answers.length = 0
    group.moved()
    expect(answers.map(({ errorCode, memberId }) => [errorCode, memberId])).toEqual([[16, b]])
    expect([group.state, group.generation, group.members]).toEqual(['stable', 1, [a]])
    expect(group.heartbeat({ groupId: 'g', memberId: a, generation: 1 })).toBe(0)
    join(b)
    expect(answers.at(-1)?.errorCode).toBe(25)
  })

  it('removes after a move whoever does not come back', async () => {
    const { group, enter, pass } = started(0)
    const a = enter()
    group.sync({ groupId: 'g', memberId: a, generation: 1, assignments: [], rebalanceTimeout: 1 }, () => undefined)
    await pass(5_000)
    group.moved()
    await pass(9_000)
    expect(group.members).toEqual([a])
    await pass(2_000)
    expect(group.members).toEqual([])
  })

  it('counts rounds from one again once an empty group is forgotten', () => {
    const { group, enter } = started(0)
    const a = enter()
    group.leave([a])
    expect([group.state, group.generation]).toEqual(['empty', 2])
    group.forget()
    enter()
    expect(group.generation).toBe(1)
  })
})
