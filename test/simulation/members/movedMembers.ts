/**
 * The job of laggingShard.ts in three processes, which get another number of shards again and again while records come: processes are
 * killed, frozen and cut off at any moment of a move, above all the one that carries it out. Windows must come out as fed, each once, with
 * nothing late, and whoever is asked for another number must hear of the end.
 */
import { shardsConcerned } from '../../../src/contracts/slotMoves.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import { planProblems } from '../checks/planProblems.ts'
import { job } from '../config.ts'
import { withAmbient } from '../core/ambient.ts'
import { seededRandom } from '../core/random.ts'
import type { Rxweft } from '../core/rxweft.ts'
import { laggingJob, program } from '../job/laggingProgram.ts'
import { last, stage } from '../laggingShard.ts'
import { noFaults } from '../network/faultRates.ts'
import type { Verdict } from '../schedule.ts'
import { world as makeWorld, type World } from '../world.ts'
import { type MemberNode, memberNode } from './memberNode.ts'
import { membersProblems } from './membersChecks.ts'
import { type MembersConfig, membersConfig } from './membersConfig.ts'

export interface MovedMembersVerdict extends Verdict {
  /** How many moves were decided. */
  readonly moves: number
}

/** Nobody has a shard whose slots are on the move, and one that is emptied leaves no transaction open that would hold readers up. */
function moveProblems({ plans }: World): readonly string[] {
  return plans.flatMap(({ plan: { number, moving, owners, slots } }) => {
    const given =
      moving === undefined ? [] : shardsConcerned(slots, moving.slots).filter((shard) => owners[shard] != null)
    return given.map((shard) => `plan ${number} gives shard ${shard} to somebody while its slots are on the move`)
  })
}

/** Most shards. */
const most = 5

/** Virtual ms within which a move must have ended once all is well. */
const calm = 90_000

export async function movedMembers(rxweft: Rxweft, seed: number, traced = false): Promise<MovedMembersVerdict> {
  const random = seededRandom(seed)
  const shards = random.between(2, most)
  const config: MembersConfig = {
    ...membersConfig(random),
    ...{ shardCount: shards, shards: [most], instances: ['a', 'b', 'c'], threads: [1, 2, 1], sessionTimeout: 6_000 },
    ...{ partitions: 2, interval: random.pick([80, 150, 300]), timeout: 1_500, requestTimeout: 500, linger: 0 },
    ...{
      transactionTimeout: random.pick([3_000, 15_000]),
      sinks: ['out', 'late'],
      startFrom: 'earliest',
      troubles: [],
    },
  }
  const chances = { random, clocks: seededRandom(seed + 1), disasters: seededRandom(seed + 2) }
  const world = makeWorld(rxweft, config, chances, traced)
  return withAmbient(random, world.agenda, async () => {
    const problems = await perform(world, config)
    const moves = world.plans.filter(({ entries }, at) => at > 0 && entries.length > 0).length
    const { decisions, trace } = world
    return { seed, config, problems, decisions: decisions.length, records: 0, trace: trace.lines, moves }
  })
}

async function perform(world: World, config: MembersConfig): Promise<readonly string[]> {
  const { random, agenda, trace, brokers } = world
  const { some, lastOnes, pass, within, late, verdict } = stage(world)
  const nodes: MemberNode[] = []
  const asked: { how: string | undefined; readonly by: MemberNode; readonly shards: number }[] = []
  const note = (what: string): void => trace.note(() => `director: ${what}`)
  const alive = () => nodes.filter(({ process, end }) => process.state !== 'dead' && end === null)
  let stopping = false
  let healed = false

  function start(instance: string): void {
    if (stopping || alive().some((one) => one.instance === instance)) return
    const name = `${instance}${nodes.filter((one) => one.instance === instance).length + 1}`
    note(`${name} starts`)
    nodes.push(memberNode(world, config, { name, instance, rates: noFaults, job: laggingJob, heard: ambush }))
  }

  const problems: string[] = []
  let seen = 0

  /** What an emptied shard has left open would hold readers up until its timeout. */
  function lookAtEmptied(): void {
    for (const { plan, entries } of world.plans.slice(seen)) {
      const emptied = entries.filter((shard) => shard >= plan.owners.length)
      for (const id of emptied.flatMap((shard) => [0, 1].map((turn) => `rxweft/${job}/${shard}/${turn}`)))
        if (brokers.shared.transactions.all.get(id)?.state === 'Ongoing') problems.push(`${id} is open after the move`)
    }
    seen = world.plans.length
  }

  function expire(): void {
    lookAtEmptied()
    brokers.shared.transactions.expire()
    agenda.after(10, expire)
  }
  expire()

  /** A process that opens a shard sleeps while its slots move. */
  function ambush(node: MemberNode, { type }: JobEvent): void {
    if (type !== 'shard-warming' || stopping || healed || !random.chance(0.1)) return
    agenda.after(0, () => {
      if (node.process.state !== 'running') return
      note(`${node.name} sleeps while it opens a shard`)
      node.pause()
      agenda.after(random.between(1_000, 5_000), () => node.wake())
      rescale()
    })
  }

  function rescale(): void {
    const running = alive().filter(({ process }) => process.state === 'running')
    if (running.length === 0) return
    const [by, shards] = [random.pick(running), random.between(1, most)]
    note(`${by.name} is asked for ${shards} shards`)
    const request = { how: undefined as string | undefined, by, shards }
    asked.push(request)
    const ended = (how: string): void => {
      note(`${by.name} has heard of ${shards} shards: ${how}`)
      request.how = how
    }
    by.handle.rescale(shards).then(
      () => ended('done'),
      ({ message }) => ended(message),
    )
  }

  function strike(): void {
    const those = alive()
    if (those.length === 0) return
    const one = random.pick(those)
    const act = random.pick(['kill', 'kill', 'pause', 'cut', 'none'] as const)
    if (act === 'none' || one.process.state !== 'running') return
    note(`${act}s ${one.name}`)
    if (act === 'kill') {
      one.kill()
      agenda.after(random.pick([200, 2_000, 9_000]), () => start(one.instance))
    } else if (act === 'pause') {
      one.pause()
      agenda.after(random.pick([300, 3_000, 12_000]), () => one.wake())
    } else {
      one.isolatedUntil = agenda.now() + random.pick([500, 5_000])
      one.cut()
    }
  }

  /** With nobody in trouble a move is short, and each shard takes a final checkpoint before it. */
  async function undisturbed(): Promise<readonly string[]> {
    const count = plan()?.owners.length ?? 0
    const [before, since] = [world.plans.length, agenda.now()]
    await within(calm, () => alive().some(({ process }) => process.state === 'running'), 50)
    const [first] = alive()
    if (first === undefined) return ['nobody lives']
    let how = ''
    first.handle.rescale(count === 1 ? 3 : count - 1).then(
      () => {
        how = 'done'
      },
      ({ message }) => {
        how = message
      },
    )
    for (let left = 20; left > 0 && how === ''; left--) {
      some()
      await pass(250)
    }
    const moved = world.plans.slice(before).find(({ entries }) => entries.length > 0)
    if (how !== 'done' || moved === undefined) return [`undisturbed, a move takes ${agenda.now() - since} ms: ${how}`]
    return moved.entries.flatMap((shard) => {
      const [last] = world.decisions.filter((one) => one.shard === shard && one.at < moved.at).slice(-1)
      const released = last === undefined || last.entry.slots === '' || last.entry.released !== undefined
      return released ? [] : [`undisturbed, shard ${shard} has not let go before its slots moved`]
    })
  }

  /** What was asked of processes that live on, and has not ended. */
  const open = () => asked.filter(({ how, by }) => how === undefined && alive().includes(by))
  const plan = () => world.plans.at(-1)?.plan

  for (const instance of config.instances) start(instance)
  await within(30_000, () => (plan()?.owners.length ?? 0) > 0 && alive().length === 3)
  await pass(random.between(3_000, 8_000))
  for (let round = 0; round < 4; round++) {
    some()
    if (random.chance(0.3)) strike()
    rescale()
    if (random.chance(0.25)) rescale()
    // Most moves take a second: aimed at each of their steps.
    for (let left = random.between(0, 2); left > 0; left--) agenda.after(random.between(0, 1_500), strike)
    for (let left = 6; left > 0; left--) {
      await pass(random.between(50, 600))
      some()
    }
    if (random.chance(0.6)) await within(25_000, () => open().length === 0 && plan()?.moving === undefined)
    if (late().length > 0) return late()
  }
  note('all is well again')
  healed = true
  for (const one of alive()) {
    one.isolatedUntil = 0
    if (one.process.state === 'paused') one.wake()
  }
  for (const instance of config.instances) start(instance)
  await pass(10_000)
  for (const instance of config.instances) start(instance)
  const isQuiet = () => open().length === 0 && plan()?.moving === undefined && !plan()?.owners.includes(null)
  await within(calm, isQuiet, 200)
  if (!isQuiet()) problems.push(`a move has not ended: ${JSON.stringify(plan()?.moving)}`)
  const quietAt = agenda.now()
  some()
  await pass(5_000)
  const count = plan()?.owners.length ?? 0
  for (let shard = 0; shard < count; shard++) {
    const commits = world.decisions.filter((one) => one.shard === shard && one.at >= quietAt - 70_000)
    if (commits.length === 0) problems.push(`shard ${shard} of ${count} has committed nothing for 75 s`)
  }
  for (const { how, by } of asked)
    if (how !== undefined && how !== 'done' && by.end === null && !how.startsWith('CANNOT_BE_RESCALED'))
      problems.push(`${by.name} could not rescale: ${how}`)
  // The start before it was killed before any plan knew of it: the supervisor starts it again.
  for (const { name, end } of nodes)
    if (end !== null && 'error' in end && end.error.code !== 'INSTANCE_TAKEN')
      problems.push(`${name} has given up: ${end.error.message}`)
  if (problems.length === 0) problems.push(...(await undisturbed()))
  problems.push(
    ...moveProblems(world),
    ...planProblems(world),
    ...membersProblems(world, { shardCount: most }),
    ...world.undecided,
  )
  if (problems.length > 0) return problems
  note('all stop')
  stopping = true
  alive()[0]?.stop()
  await within(60_000, () => alive().length === 0)
  if (alive().length > 0) return [`it has not stopped: ${alive().map(({ name }) => name)}`]
  // The group forgets them.
  await pass(config.sessionTimeout + 1_000)
  lastOnes(last)
  const bounded = program(world, 'last', 'latest', { spread: count })
  await within(30_000, () => bounded.end !== undefined)
  return verdict(bounded)
}
