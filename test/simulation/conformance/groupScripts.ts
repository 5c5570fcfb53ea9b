/** What members of a consumer group ask for, sane and not, whose answers a simulated coordinator and a real one must agree on. */
import { Buffer } from 'node:buffer'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import type { Api } from '../../../src/kafka/protocol/api.ts'
import { heartbeat } from '../../../src/kafka/protocol/heartbeat.ts'
import { type JoinGroupArgs, joinGroup } from '../../../src/kafka/protocol/joinGroup.ts'
import { leaveGroup } from '../../../src/kafka/protocol/leaveGroup.ts'
import { syncGroup } from '../../../src/kafka/protocol/syncGroup.ts'
import type { Client } from './client.ts'
import type { Ground } from './ground.ts'

/** A member on a connection of its own: a broker answers nothing else on one that waits for a round. */
interface GroupMember {
  readonly name: string
  id: string
  generation: number
  join(more?: Partial<JoinGroupArgs>): Promise<unknown>
  sync(assignments?: readonly (readonly [GroupMember, string])[], generation?: number): Promise<unknown>
  beat(generation?: number): Promise<number>
  leave(...members: readonly Pick<GroupMember, 'id'>[]): Promise<unknown>
  /** The same on another connection. */
  remove(member: Pick<GroupMember, 'id'>): Promise<unknown>
}

const busy = new Set([14, 15, 16])

/** Members of one new group, by name. Answers name members as the script does, not by their ids. */
async function membersOf({ connect, name, pause }: Ground, ...names: readonly string[]): Promise<GroupMember[]> {
  const groupId = name()
  const all: GroupMember[] = []
  const named = (id: string): string => all.find((one) => one.id === id)?.name ?? (id === '' ? '' : 'somebody')

  async function asked<A, R extends { readonly errorCode: number }>(
    connections: Connections,
    api: Api<A, R>,
    args: A,
  ): Promise<R> {
    for (;;) {
      const node = await connections.coordinator('group', groupId).catch(() => null)
      const answer = node === null ? null : await connections.call(node, api, args)
      if (answer !== null && !busy.has(answer.errorCode)) return answer
      await pause(50)
    }
  }

  for (const its of names) {
    const connections = await connect()
    const self: GroupMember = {
      ...{ name: its, id: '', generation: -1 },
      async join(more = {}) {
        const timeouts = { sessionTimeout: 6_000, rebalanceTimeout: 6_000 }
        const protocol = { protocolType: 'rxweft', protocolName: 'rxweft-1', metadata: Buffer.from(its) }
        const answer = await asked(connections, joinGroup, {
          ...{ groupId, ...timeouts, memberId: self.id, ...protocol, ...more },
        })
        if (answer.memberId !== '') self.id = answer.memberId
        if (answer.errorCode === 0) self.generation = answer.generation
        const { errorCode, generation, leader, members } = answer
        if (errorCode !== 0) return errorCode
        const told = members.map(({ memberId, metadata }) => `${named(memberId)}: ${metadata}`).sort()
        return { generation, leader: named(leader), members: told }
      },
      async sync(assignments = [], generation = self.generation) {
        const args = { groupId, generation, memberId: self.id, rebalanceTimeout: 6_000 }
        const given = assignments.map(([member, text]) => ({ memberId: member.id, assignment: Buffer.from(text) }))
        const answer = await asked(connections, syncGroup, { ...args, assignments: given })
        return answer.errorCode || answer.assignment.toString()
      },
      async beat(generation = self.generation) {
        return (await asked(connections, heartbeat, { groupId, generation, memberId: self.id })).errorCode
      },
      async remove({ id }) {
        const answer = await asked(await connect(), leaveGroup, { groupId, memberIds: [id] })
        return answer.errorCode || answer.members.map(({ errorCode }) => errorCode)
      },
      async leave(...members) {
        const memberIds = (members.length === 0 ? [self] : members).map(({ id }) => id)
        const answer = await asked(connections, leaveGroup, { groupId, memberIds })
        return answer.errorCode || answer.members.map(({ errorCode }) => errorCode)
      },
    }
    all.push(self)
  }
  return all
}

type Script = (ground: Ground, asked: Client) => Promise<void>

/** Joins as a newcomer must: refused once, then with the id it was given. */
async function enter(member: GroupMember, asked: Client, note = true): Promise<unknown> {
  const refused = await member.join()
  if (note) asked.note(`${member.name} is given an id`, refused)
  return member.join()
}

/** A group of two, in their first round together, and somebody who has not joined it yet. */
async function pair(ground: Ground, asked: Client): Promise<readonly [GroupMember, GroupMember, GroupMember]> {
  const [a, b, c] = (await membersOf(ground, 'a', 'b', 'c')) as [GroupMember, GroupMember, GroupMember]
  await enter(a, asked, false)
  await a.sync([[a, 'alone']])
  const coming = enter(b, asked, false)
  while ((await a.beat()) === 0) await ground.pause(50)
  await Promise.all([coming, a.join()])
  const waiting = b.sync()
  await a.sync([
    [a, 'for a'],
    [b, 'for b'],
  ])
  await waiting
  return [a, b, c]
}

export const groupScripts: Readonly<Record<string, Script>> = {
  async 'a member joins a group, and then another'(ground, asked) {
    const [a, b] = (await membersOf(ground, 'a', 'b')) as [GroupMember, GroupMember]
    asked.note('a joins', await enter(a, asked))
    asked.note('beats before it syncs', await a.beat())
    asked.note('syncs', await a.sync([[a, 'alone']]))
    asked.note('beats', await a.beat())
    const coming = enter(b, asked)
    while ((await a.beat()) === 0) await ground.pause(50)
    asked.note('a hears of a new round', await a.beat())
    asked.note('and cannot sync', await a.sync([]))
    const again = a.join()
    asked.note('b joins', await coming)
    asked.note('a joins again', await again)
    asked.note('b beats before the leader has said anything', await b.beat())
    const waiting = b.sync()
    asked.note('a', await a.sync([[b, 'for b']]))
    asked.note('b', await waiting)
    asked.note('again', [await a.sync(), await b.sync(), await a.beat(), await b.beat()])
  },

  async 'a member removes another, which comes back'(ground, asked) {
    const [a, b] = await pair(ground, asked)
    asked.note('a removes b', await a.leave(b))
    asked.note('b beats', await b.beat())
    asked.note('b syncs', await b.sync())
    asked.note('b joins with its id', await b.join())
    asked.note('a hears of it', await a.beat())
    asked.note('a joins', await a.join())
    asked.note('a syncs', await a.sync([[a, 'alone again']]))
    asked.note('b is removed again', await a.leave(b))
    b.id = ''
    const coming = enter(b, asked)
    while ((await a.beat()) === 0) await ground.pause(50)
    asked.note('a joins again', await a.join())
    asked.note('b is back', await coming)
  },

  async 'all leave, and one comes back'(ground, asked) {
    const [a, b] = await pair(ground, asked)
    asked.note('the leader leaves', await a.leave())
    asked.note('b hears of it', await b.beat())
    asked.note('and leads', await b.join())
    asked.note('b leaves, too', await b.leave())
    asked.note('b beats', await b.beat())
    asked.note('strangers leave', await b.leave({ id: 'nobody' }, { id: 'none' }))
    a.id = ''
    asked.note('a joins', await enter(a, asked))
  },

  async 'somebody leaves a group that is not there'(ground, asked) {
    const [a] = (await membersOf(ground, 'a')) as [GroupMember]
    a.id = 'nobody'
    asked.note('leaves', await a.leave())
    asked.note('beats', await a.beat(1))
    asked.note('syncs', await a.sync([], 1))
    asked.note('joins', await a.join())
  },

  async 'a member falls silent, and is out after its session'(ground, asked) {
    const [a, b] = await pair(ground, asked)
    for (let second = 0; second < 8; second++) {
      await ground.pause(1_000)
      if (second < 4 || second === 7) asked.note(`a beats in second ${second}`, await a.beat())
      else await a.beat()
    }
    asked.note('b wakes', await b.beat())
    asked.note('a joins', await a.join())
  },

  async 'a newcomer waits for a silent member until its session is over'(ground, asked) {
    const [a, b, c] = await pair(ground, asked)
    let joined = false
    const coming = enter(c, asked).then((answer) => {
      joined = true
      return answer
    })
    while ((await a.beat()) === 0) await ground.pause(50)
    const again = a.join()
    await ground.pause(2_000)
    asked.note('after two seconds', joined)
    asked.note('c', await coming)
    asked.note('a', await again)
    asked.note('b', await b.beat())
  },

  async 'a newcomer waits for nobody where the silent member is removed'(ground, asked) {
    const [a, b, c] = await pair(ground, asked)
    const coming = enter(c, asked)
    while ((await a.beat()) === 0) await ground.pause(50)
    const again = a.join()
    asked.note('b is removed, on a connection that waits for nothing', await c.remove(b))
    asked.note('c', await coming)
    asked.note('a', await again)
  },

  async 'who joins again without need'(ground, asked) {
    const [a, b] = await pair(ground, asked)
    asked.note('who does not lead gets the same round', await b.join())
    asked.note('and is assigned the same', await b.sync())
    const leading = a.join()
    while ((await b.beat()) === 0) await ground.pause(50)
    asked.note('b hears that the leader joins', await b.beat())
    asked.note('b joins', await b.join())
    asked.note('a new round', await leading)
    asked.note('a joins before it has synced', await a.join())
    const waiting = b.sync()
    asked.note('a', await a.sync([[b, 'news']]))
    asked.note('b', await waiting)
    const other = b.join({ metadata: Buffer.from('other') })
    while ((await a.beat()) === 0) await ground.pause(50)
    asked.note('a hears that b says something else', await a.beat())
    asked.note('a joins', await a.join())
    asked.note('b', await other)
  },

  async 'requests of another round, kind or time'(ground, asked) {
    const [a, b, c] = await pair(ground, asked)
    asked.note('an old round', await a.beat(a.generation - 1))
    asked.note('a round to come', await a.beat(a.generation + 1))
    asked.note('no round', await a.beat(-1))
    asked.note('an old sync', await b.sync([], b.generation - 1))
    asked.note('too short a session', await c.join({ sessionTimeout: 1_000 }))
    asked.note('another kind', await b.join({ protocolType: 'consumer' }))
    asked.note('another protocol', await b.join({ protocolName: 'rxweft-9' }))
    asked.note('all is as before', [await a.beat(), await b.beat()])
  },
}
